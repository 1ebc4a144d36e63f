package dev.precept.tables.expr;

import java.util.OptionalLong;

/**
 * A 64-bit value of which the manual may leave bits undefined.
 *
 * @param value the bits; 0 where they are undefined
 * @param undefined a 1 for every bit that the manual does not define
 */
public record PartialValue(long value, long undefined) {
  /** Nothing is defined. */
  static final PartialValue UNDEFINED = new PartialValue(0, -1);

  /** Undefined bits are kept 0, so that equal meanings are equal records. */
  public PartialValue {
    value &= ~undefined;
  }

  static PartialValue of(long value) {
    return new PartialValue(value, 0);
  }

  static PartialValue truth(boolean value) {
    return of(value ? 1 : 0);
  }

  /** The value, if all of it is defined. */
  public OptionalLong whole() {
    return undefined == 0 ? OptionalLong.of(value) : OptionalLong.empty();
  }

  /** Whether {@code observed} agrees in every bit that is defined. */
  public boolean agrees(long observed) {
    return ((observed ^ value) & ~undefined) == 0;
  }

  boolean isDefined() {
    return undefined == 0;
  }

  /** Certainly not 0: one defined 1 is enough. */
  boolean isTrue() {
    return value != 0;
  }

  /** Certainly 0. */
  boolean isFalse() {
    return value == 0 && undefined == 0;
  }

  PartialValue and(PartialValue other) {
    long surelyZero = (~value & ~undefined) | (~other.value & ~other.undefined);
    return new PartialValue(value & other.value, (undefined | other.undefined) & ~surelyZero);
  }

  PartialValue or(PartialValue other) {
    long surelyOne = value | other.value;
    return new PartialValue(surelyOne, (undefined | other.undefined) & ~surelyOne);
  }

  PartialValue xor(PartialValue other) {
    return new PartialValue(value ^ other.value, undefined | other.undefined);
  }

  PartialValue complement() {
    return new PartialValue(~value, undefined);
  }

  PartialValue bits(int high, int low) {
    return new PartialValue(Operators.bits(value, high, low), Operators.bits(undefined, high, low));
  }

  PartialValue shift(String operator, PartialValue count) {
    if (!count.isDefined()) {
      return isFalse() ? this : UNDEFINED;
    }
    return new PartialValue(
        Operators.apply(operator, value, count.value),
        Operators.apply(operator, undefined, count.value));
  }

  /** Sums, differences and products: an undefined bit carries into every higher one. */
  PartialValue carrying(String operator, PartialValue other) {
    long either = undefined | other.undefined;
    long reached = either == 0 ? 0 : -Long.lowestOneBit(either);
    return new PartialValue(Operators.apply(operator, value, other.value), reached);
  }

  PartialValue negated() {
    return of(0).carrying("-", this);
  }

  /** Comparisons: where bits are missing, only a defined difference tells. */
  PartialValue compared(String operator, PartialValue other) {
    if (isDefined() && other.isDefined()) {
      return of(Operators.apply(operator, value, other.value));
    }
    boolean differ = ((value ^ other.value) & ~(undefined | other.undefined)) != 0;
    if (differ && operator.equals("==")) {
      return of(0);
    }
    return differ && operator.equals("!=") ? of(1) : new PartialValue(0, 1);
  }
}
