package dev.precept.subject.metal;

import dev.precept.cases.MachineState;
import dev.precept.cases.Register;

/**
 * What delivery through the IDT pushed, found on the handler's stack (APM vol. 2, 8.7 to 8.9).
 *
 * @param address linear address of its lowest byte
 * @param bytes its length, error code included
 * @param errorCode error code, or -1 where none was pushed
 * @param rsp the interrupted stack pointer
 */
record ExceptionFrame(
    long address, int bytes, long errorCode, long rip, long cs, long rflags, long rsp) {

  private static final long LMA = 1 << 10, PE = 1, VM = 1 << 17, LOW = 0xFFFF_FFFFL;

  /**
   * Reads the frame that is at the top of the handler's stack.
   *
   * @param before registers at the exception
   * @param handler registers at the handler's first instruction
   * @param stackBase base of the handler's SS
   */
  static ExceptionFrame read(
      MachineState before, MachineState handler, long stackBase, MemoryAfter memory) {
    int mode = Modes.of(before);
    boolean wide = mode == Modes.COMPAT || mode == Modes.LONG64;
    int slot = wide ? 8 : mode == Modes.REAL ? 2 : 4;
    long stack = handler.get(Register.RSP);
    if (mode == Modes.REAL) {
      stack &= 0xFFFF;
    }
    long address = wide ? stack : stackBase + stack & LOW;
    // The interrupted CS stands third where there is an error code, and second where there is not.
    // FLAGS, third otherwise, is no selector that a case has: its bit 1 is set and bits 3 and 5
    // are clear.
    boolean error =
        mode != Modes.REAL
            && memory.get(address + 2L * slot, 2) == before.get(Register.CS_SEL)
            && memory.get(address + slot, 2) != before.get(Register.CS_SEL);
    long errorCode = error ? memory.get(address, slot) & LOW : -1;
    long at = error ? address + slot : address;
    long rip = memory.get(at, slot);
    long cs = memory.get(at + slot, 2);
    long rflags = memory.get(at + 2L * slot, slot);
    boolean outer = !wide && mode != Modes.REAL && leavesPrivilege(before, handler);
    int slots = wide ? 5 : mode == Modes.V86 ? 9 : outer ? 5 : 3;
    int length = slot * (slots + (error ? 1 : 0));
    long rsp =
        wide || outer || mode == Modes.V86 ? memory.get(at + 3L * slot, slot) : stack + length;
    return new ExceptionFrame(address, length, errorCode, rip, cs, rflags, rsp);
  }

  private static boolean leavesPrivilege(MachineState before, MachineState handler) {
    return before.get(Register.CPL) != handler.get(Register.CPL);
  }

  /** Base of the segment that SS holds in the handler, from the GDT where it is not shown. */
  static long stackBase(MachineState handler, MemoryAfter memory) {
    long selector = handler.get(Register.SS_SEL);
    if ((handler.get(Register.CR0) & PE) == 0 || (handler.get(Register.RFLAGS) & VM) != 0) {
      return selector << 4;
    }
    if ((handler.get(Register.EFER) & LMA) != 0 || (selector & ~3L) == 0) {
      return 0;
    }
    long at = handler.get(Register.GDTR_BASE) + (selector & ~7L);
    return memory.get(at + 2, 3) | memory.get(at + 7, 1) << 24;
  }
}
