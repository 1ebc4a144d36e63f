package dev.precept.cases;

/**
 * A CPUID feature bit a case depends on.
 *
 * @param leaf CPUID function (EAX)
 * @param subleaf CPUID sub-function (ECX)
 * @param register 0 EAX, 1 EBX, 2 ECX, 3 EDX
 * @param bit bit number, 0 to 31
 * @param present whether the case needs the bit set or clear
 */
public record FeatureBit(int leaf, int subleaf, int register, int bit, boolean present) {}
