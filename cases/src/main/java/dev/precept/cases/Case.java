package dev.precept.cases;

import java.util.List;

/**
 * One experiment, made concrete.
 *
 * <p>A subject (1) makes a CPU that has the features, (2) loads {@code base} and then {@code
 * memory}, (3) in {@link Context#GUEST} loads {@code host} into the CPU together with what the
 * control block does not hold of {@code state} (GPRs, DR0-DR3, XCR0, MSRs), executes VMLOAD and
 * VMRUN with rAX = {@code controlBlock}, or VMPTRLD, VMWRITEs and VMLAUNCH, which brings in the
 * rest; in {@link Context#HOST} loads {@code state} directly, (4) runs {@code steps} instructions
 * or until an exit, halt or shutdown, and (5) reports what it saw as an {@link Observation}.
 *
 * @param id stable, meaningful identity such as {@code svm/rdtsc/long64/gp.tsd>exit}
 * @param vendor {@code svm} or {@code vmx}
 * @param features CPUID bits that matter to this case
 * @param context guest or host
 * @param state state at the first instruction
 * @param host state of the host that enters the guest; ignored in {@link Context#HOST}
 * @param base memory shared with other cases
 * @param memory what this case's memory has differently, control block included
 * @param controlBlock the VMCB or VMCS
 * @param priorControlBlock VMCB or VMCS of a guest that is entered first, on the same processor,
 *     and exits at its first instruction; or none. Nothing of it may be left
 * @param steps instructions to run, at least 1; the last one is the instruction under test
 * @param code bytes of the instruction under test
 */
public record Case(
    String id,
    String vendor,
    List<FeatureBit> features,
    Context context,
    MachineState state,
    MachineState host,
    BaseImage base,
    List<MemoryPatch> memory,
    ControlBlock controlBlock,
    ControlBlock priorControlBlock,
    int steps,
    MemoryPatch code) {

  /**
   * The byte at physical {@code address} before the run: the last patch that covers it, else the
   * base image, else zero.
   */
  public byte initialByte(long address) {
    for (int i = memory.size() - 1; i >= 0; i--) {
      MemoryPatch patch = memory.get(i);
      if (address >= patch.address() && address < patch.end()) {
        return patch.bytes()[(int) (address - patch.address())];
      }
    }
    return address >= Layout.START && address < Layout.END
        ? base.bytes()[(int) (address - Layout.START)]
        : 0;
  }
}
