package dev.precept.generator.vendor;

/**
 * An event on its way through the IDT.
 *
 * @param vector 0 to 255
 * @param errorCode of an exception that has one; else 0
 */
public record Event(Type type, int vector, long errorCode) {
  private static final int NMI = 2, BP = 3, OF = 4;

  /**
   * What kind of event it is, with the number that EXITINTINFO's and its like's TYPE has for it.
   */
  public enum Type {
    /** An external or virtual interrupt. */
    INTERRUPT(0),
    /** A non-maskable interrupt. */
    NMI(2),
    /** An exception. */
    EXCEPTION(3),
    /** INT n. */
    SOFTWARE(4),
    /** INT1, on VMX alone. */
    PRIVILEGED(5),
    /** INT3 or INTO, on VMX alone. */
    SOFTWARE_EXCEPTION(6);

    private final int number;

    Type(int number) {
      this.number = number;
    }

    /** The number of the type, bits 10:8. */
    public int number() {
      return number;
    }
  }

  /** An exception without an error code, or with one of 0. */
  public static Event exception(int vector) {
    return exception(vector, 0);
  }

  /** An exception. */
  public static Event exception(int vector, long errorCode) {
    return new Event(Type.EXCEPTION, vector, errorCode);
  }

  /** An INT n. */
  public static Event software(int vector) {
    return new Event(Type.SOFTWARE, vector, 0);
  }

  /**
   * The event that EVENTINJ or the like describes: vector 7:0, type 10:8, bit 11 for an error code,
   * which is in 63:32.
   *
   * @throws IllegalArgumentException if the type is none of {@link Type}
   */
  public static Event of(long information) {
    int number = (int) (information >>> 8) & 7;
    int vector = (int) information & 0xFF;
    long error = (information >>> 11 & 1) == 0 ? 0 : information >>> 32;
    for (Type type : Type.values()) {
      if (type.number == number) {
        // The vector of an NMI is ignored (APM vol. 2, 15.20).
        return new Event(type, type == Type.NMI ? NMI : vector, error);
      }
    }
    throw new IllegalArgumentException("no event has type " + number);
  }

  /** Whether it is an exception that has an error code. */
  public boolean hasErrorCode() {
    return type == Type.EXCEPTION && Vectors.hasErrorCode(vector);
  }

  /**
   * Whether an instruction raises it on purpose: INT n, INT1, INT3, INTO. It returns behind that.
   */
  public boolean ofInstruction() {
    return switch (type) {
      case INTERRUPT, NMI -> false;
      // SVM has no type of its own for #BP and #OF.
      case EXCEPTION -> vector == BP || vector == OF;
      case SOFTWARE, PRIVILEGED, SOFTWARE_EXCEPTION -> true;
    };
  }
}
