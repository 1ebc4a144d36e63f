package dev.precept.core;

import java.util.Arrays;

/** The four registers of every CPUID leaf that a processor has, sorted by leaf and sub-leaf. */
final class CpuidLeaves {
  private long[] keys = {};
  private int[] values = {};

  CpuidLeaves copy() {
    CpuidLeaves copy = new CpuidLeaves();
    copy.keys = keys.clone();
    copy.values = values.clone();
    return copy;
  }

  void set(int leaf, int subleaf, int eax, int ebx, int ecx, int edx) {
    int at = 4 * place(leaf, subleaf);
    values[at] = eax;
    values[at + 1] = ebx;
    values[at + 2] = ecx;
    values[at + 3] = edx;
  }

  void set(int leaf, int subleaf, int register, int bit, boolean present) {
    int at = 4 * place(leaf, subleaf) + register;
    values[at] = present ? values[at] | 1 << bit : values[at] & ~(1 << bit);
  }

  /** Index of a leaf, which is added with four zeros if it is not there. */
  private int place(int leaf, int subleaf) {
    long key = key(leaf, subleaf);
    int at = Arrays.binarySearch(keys, key);
    if (at >= 0) {
      return at;
    }
    int free = -at - 1;
    long[] newKeys = Arrays.copyOf(keys, keys.length + 1);
    System.arraycopy(keys, free, newKeys, free + 1, keys.length - free);
    newKeys[free] = key;
    int[] newValues = Arrays.copyOf(values, values.length + 4);
    System.arraycopy(values, 4 * free, newValues, 4 * free + 4, values.length - 4 * free);
    Arrays.fill(newValues, 4 * free, 4 * free + 4, 0);
    keys = newKeys;
    values = newValues;
    return free;
  }

  /** A register (0 EAX to 3 EDX) of a leaf, 0 if the leaf does not exist. */
  int get(int leaf, int subleaf, int register) {
    int at = Arrays.binarySearch(keys, key(leaf, subleaf));
    return at < 0 ? 0 : values[4 * at + register];
  }

  boolean bit(int leaf, int subleaf, int register, int bit) {
    return (get(leaf, subleaf, register) >>> bit & 1) != 0;
  }

  /** Two registers of a leaf as one 64-bit value. */
  long pair(int leaf, int subleaf, int high, int low) {
    return (long) get(leaf, subleaf, high) << 32 | (get(leaf, subleaf, low) & 0xFFFF_FFFFL);
  }

  private static long key(int leaf, int subleaf) {
    boolean indexed =
        switch (leaf) {
          case 4, 7, 0xB, 0xD, 0x12, 0x1B, 0x8000001D -> true;
          default -> false;
        };
    return ((long) leaf << 32) | (indexed ? subleaf & 0xFFFF_FFFFL : 0);
  }
}
