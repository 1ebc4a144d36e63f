package dev.precept.cases;

/**
 * A feature bit a case depends on: CPUID's, or a VMX capability MSR's.
 *
 * @param leaf CPUID function (EAX), or number of the MSR
 * @param subleaf CPUID sub-function (ECX); 0 for an MSR
 * @param register 0 EAX, 1 EBX, 2 ECX, 3 EDX; {@value #MSR} for an MSR
 * @param bit bit number, 0 to 31, or to 63 in an MSR
 * @param present whether the case needs the bit set or clear
 */
public record FeatureBit(int leaf, int subleaf, int register, int bit, boolean present) {
  /** {@link #register} of a bit that is in the MSR numbered {@link #leaf}. */
  public static final int MSR = 4;
}
