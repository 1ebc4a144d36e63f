package dev.precept.generator.vendor;

import java.util.List;

/** Exceptions by vector (APM vol. 2, table 8-1). */
public final class Vectors {
  private static final List<String> MNEMONICS =
      List.of(
          "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "#9", "#TS", "#NP", "#SS",
          "#GP", "#PF", "#15", "#MF", "#AC", "#MC", "#XF", "#VE", "#CP", "#22", "#23", "#24", "#25",
          "#26", "#27", "#HV", "#VC", "#SX", "#31");

  /** A bit for each vector that pushes an error code: #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX. */
  private static final int ERROR_CODES = 1 << 8 | 0x7C00 | 1 << 17 | 1 << 21 | 1 << 29 | 1 << 30;

  private Vectors() {}

  /** Whether exception {@code vector} has an error code. */
  public static boolean hasErrorCode(int vector) {
    return vector < 32 && (ERROR_CODES >>> vector & 1) != 0;
  }

  /** {@code #GP(0)}, {@code #UD}. */
  public static String label(int vector, long errorCode) {
    if (vector >= 32) {
      return "interrupt " + vector;
    }
    String name = MNEMONICS.get(vector);
    return hasErrorCode(vector)
        ? name + "(" + Long.toHexString(errorCode & 0xFFFF).toUpperCase(java.util.Locale.ROOT) + ")"
        : name;
  }
}
