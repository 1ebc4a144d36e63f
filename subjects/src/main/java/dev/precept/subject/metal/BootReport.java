package dev.precept.subject.metal;

import dev.precept.cases.FeatureBit;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the runner found when it booted: CPUID, MSRs, and what it can do with them.
 *
 * @param leaves EAX, EBX, ECX, EDX by leaf and subleaf
 * @param msrs values of MSRs that exist
 * @param missing registers of which the processor has none
 * @param svm whether SVM is there and not switched off
 * @param nestedPaging whether SVM has nested paging
 * @param vmx whether VMX is there, and SVM is not
 * @param fields encodings of the VMCS fields that there are, in the order of their numbers
 * @param dma whether the disk is reached by DMA
 */
record BootReport(
    Map<Leaf, int[]> leaves,
    Map<Long, Long> msrs,
    Set<Register> missing,
    boolean svm,
    boolean nestedPaging,
    boolean vmx,
    List<Integer> fields,
    boolean dma) {

  /** A CPUID function and sub-function. */
  record Leaf(int function, int subFunction) {}

  /**
   * Reads the report's lines: a word, then hexadecimal numbers.
   *
   * @throws ProtocolException if it is not such a report
   */
  static BootReport parse(String text) {
    Map<Leaf, int[]> leaves = new HashMap<>();
    Map<Long, Long> msrs = new HashMap<>();
    Set<Register> missing = new HashSet<>();
    List<Integer> fields = new ArrayList<>();
    Map<String, long[]> others = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      String[] parts = line.strip().split(" ", -1);
      long[] numbers = new long[parts.length - 1];
      try {
        for (int i = 1; i < parts.length; i++) {
          numbers[i - 1] = Long.parseUnsignedLong(parts[i], 16);
        }
      } catch (NumberFormatException e) {
        throw new ProtocolException("no number in the boot report's line '" + line + "'");
      }
      if (parts[0].equals("cpuid") && numbers.length == 6) {
        leaves.put(
            new Leaf((int) numbers[0], (int) numbers[1]),
            new int[] {(int) numbers[2], (int) numbers[3], (int) numbers[4], (int) numbers[5]});
      } else if (parts[0].equals("msr") && numbers.length == 2) {
        msrs.put(numbers[0], numbers[1]);
      } else if (parts[0].equals("missing") && numbers.length == 1) {
        missing.add(Register.at((int) numbers[0]));
      } else if (parts[0].equals("vmcs") && numbers.length == 1) {
        fields.add((int) numbers[0]);
      } else {
        others.put(parts[0], numbers);
      }
    }
    if (number(others, "precept-runner", 0) != Protocol.VERSION) {
      throw new ProtocolException("the boot report is not one of this version's runner");
    }
    return new BootReport(
        Map.copyOf(leaves),
        Map.copyOf(msrs),
        Set.copyOf(missing),
        number(others, "svm", 0) != 0,
        number(others, "svm", 1) != 0,
        number(others, "vmx", 0) != 0,
        List.copyOf(fields),
        number(others, "dma", 0) != 0);
  }

  private static long number(Map<String, long[]> lines, String word, int index) {
    long[] numbers = lines.getOrDefault(word, new long[0]);
    if (index >= numbers.length) {
      throw new ProtocolException("the boot report has no line '" + word + "'");
    }
    return numbers[index];
  }

  /** The MSR's value; 0 where there is none. */
  long msr(int number) {
    return msrs.getOrDefault(number & 0xFFFF_FFFFL, 0L);
  }

  /** Whether the processor has the bit; a leaf or an MSR that it does not have is zero. */
  boolean has(FeatureBit bit) {
    if (bit.register() == FeatureBit.MSR) {
      return (msr(bit.leaf()) >>> bit.bit() & 1) != 0;
    }
    int[] registers = leaves.getOrDefault(new Leaf(bit.leaf(), bit.subleaf()), new int[4]);
    return (registers[bit.register()] >>> bit.bit() & 1) != 0;
  }

  /** Whether the processor is as the case needs it in this bit. */
  boolean agrees(FeatureBit bit) {
    return has(bit) == bit.present();
  }

  /** The processor's name, or its vendor where it has none. */
  String processor() {
    StringBuilder name = new StringBuilder();
    for (int function = 0x8000_0002; function <= 0x8000_0004; function++) {
      for (int register : leaves.getOrDefault(new Leaf(function, 0), new int[4])) {
        append(name, register);
      }
    }
    if (name.isEmpty()) {
      int[] vendor = leaves.getOrDefault(new Leaf(0, 0), new int[4]);
      append(name, vendor[1]);
      append(name, vendor[3]);
      append(name, vendor[2]);
    }
    return name.toString().strip();
  }

  private static void append(StringBuilder name, int register) {
    for (int i = 0; i < 4; i++) {
      char c = (char) (register >>> (8 * i) & 0xFF);
      if (c >= ' ' && c < 0x7F) {
        name.append(c);
      }
    }
  }
}
