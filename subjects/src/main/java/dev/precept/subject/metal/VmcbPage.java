package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import java.util.Map;

/** A VMCB as it is in memory behind an exit (APM vol. 2, appendix B). */
final class VmcbPage {
  static final int NESTED_CONTROL = 0x90, G_PAT = 0x668;
  private static final int LBR_CONTROL = 0xB8, DBGCTL = 0x670;

  /** Exit codes (APM vol. 2, appendix C). */
  static final long VMEXIT_UD = 0x46, VMEXIT_NMI = 0x61, VMEXIT_NPF = 0x400;

  private static final int EXITCODE = 0x70, EXITINFO2 = 0x80;
  private static final int ES = 0x400, CS = 0x410, SS = 0x420, DS = 0x430;

  /** Registers of 8 bytes that #VMEXIT saves. */
  private static final Map<Register, Integer> SAVED =
      Map.ofEntries(
          Map.entry(Register.INTERRUPT_SHADOW, 0x68),
          Map.entry(Register.GDTR_BASE, 0x468),
          Map.entry(Register.IDTR_BASE, 0x488),
          Map.entry(Register.EFER, 0x4D0),
          Map.entry(Register.CR4, 0x548),
          Map.entry(Register.CR3, 0x550),
          Map.entry(Register.CR0, 0x558),
          Map.entry(Register.DR7, 0x560),
          Map.entry(Register.DR6, 0x568),
          Map.entry(Register.RFLAGS, 0x570),
          Map.entry(Register.RIP, 0x578),
          Map.entry(Register.RSP, 0x5D8),
          Map.entry(Register.RAX, 0x5F8),
          Map.entry(Register.CR2, 0x640));

  private final byte[] bytes;

  VmcbPage(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Whether the guest of {@code testCase}, which is SVM's, has nested paging of its own. */
  static boolean nests(Case testCase) {
    return testCase.context() == Context.GUEST
        && (testCase.initialByte(testCase.controlBlock().address() + NESTED_CONTROL) & 1) != 0;
  }

  /** Whether the guest of {@code testCase}, which is SVM's, has LBR virtualization (15.23.1). */
  static boolean virtualizesLbr(Case testCase) {
    return testCase.context() == Context.GUEST
        && (testCase.initialByte(testCase.controlBlock().address() + LBR_CONTROL) & 1) != 0;
  }

  /** The guest's DebugCtl, which a guest with LBR virtualization has for itself. */
  long guestDebugctl() {
    return number(DBGCTL, 8);
  }

  /** The guest's PAT, which a guest with nested paging has for itself. */
  long guestPat() {
    return number(G_PAT, 8);
  }

  long exitCode() {
    return number(EXITCODE, 8);
  }

  long exitInfo2() {
    return number(EXITINFO2, 8);
  }

  /** Puts what the exit saved of the guest into {@code state}. */
  void saved(MachineState state) {
    SAVED.forEach((register, offset) -> state.set(register, number(offset, 8)));
    state.set(Register.GDTR_LIMIT, number(0x464, 4));
    state.set(Register.IDTR_LIMIT, number(0x484, 4));
    state.set(Register.CPL, number(0x4CB, 1));
    segment(state, Register.ES_SEL, ES);
    segment(state, Register.CS_SEL, CS);
    segment(state, Register.SS_SEL, SS);
    segment(state, Register.DS_SEL, DS);
  }

  private void segment(MachineState state, Register selector, int offset) {
    int first = selector.ordinal();
    state.set(Register.at(first), number(offset, 2));
    state.set(Register.at(first + 1), number(offset + 2, 2));
    state.set(Register.at(first + 2), number(offset + 4, 4));
    state.set(Register.at(first + 3), number(offset + 8, 8));
  }

  private long number(int offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | (bytes[offset + i] & 0xFF);
    }
    return value;
  }
}
