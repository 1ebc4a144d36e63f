package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * The fields of a VMCS that the runner's side has to know, by encoding (SDM vol. 3, appendix B).
 */
final class Vmcs {
  static final int PIN = 0x4000, PRIMARY = 0x4002, EXIT = 0x400C, ENTRY = 0x4012;
  static final int SECONDARY = 0x401E, TERTIARY = 0x2034;
  static final int EXCEPTION_BITMAP = 0x4004, ENTRY_EVENT = 0x4016;
  static final int EXIT_REASON = 0x4402, EXIT_EVENT = 0x4404;
  static final int GUEST_PHYSICAL_ADDRESS = 0x2400;
  static final int CR0 = 0x6800, CR4 = 0x6804;

  /** Basic exit reasons (SDM vol. 3, appendix C). */
  static final long REASON_EVENT = 0, REASON_EPT_VIOLATION = 48;

  /** VM-exit interruption information: valid, hardware exception, #UD; valid, NMI. */
  static final long EVENT_UD = 0x8000_0306L, EVENT_NMI = 0x8000_0202L;

  /** Valid, type and vector; the rest says of an error code and of IRET. */
  static final long EVENT_WHAT = 0x8000_07FFL;

  private static final int INTERRUPTIBILITY = 0x4824, SS_ACCESS = 0x4818;
  private static final int SELECTORS = 0x0800, LIMITS = 0x4800, ACCESS = 0x4814, BASES = 0x6806;
  private static final int SEGMENTS = 8;
  private static final long UNUSABLE = 1 << 16;

  /** Primary controls: activate secondary controls. Secondary controls: enable EPT. */
  private static final long SECONDARY_ACTIVE = 1L << 31, ENABLE_EPT = 1 << 1;

  /** Guest-state fields that hold a register. */
  private static final Map<Register, Integer> SAVED =
      Map.ofEntries(
          Map.entry(Register.DEBUGCTL, 0x2802),
          Map.entry(Register.PAT, 0x2804),
          Map.entry(Register.EFER, 0x2806),
          Map.entry(Register.GDTR_LIMIT, 0x4810),
          Map.entry(Register.IDTR_LIMIT, 0x4812),
          Map.entry(Register.SYSENTER_CS, 0x482A),
          Map.entry(Register.CR0, CR0),
          Map.entry(Register.CR3, 0x6802),
          Map.entry(Register.CR4, CR4),
          Map.entry(Register.GDTR_BASE, 0x6816),
          Map.entry(Register.IDTR_BASE, 0x6818),
          Map.entry(Register.DR7, 0x681A),
          Map.entry(Register.RSP, 0x681C),
          Map.entry(Register.RIP, 0x681E),
          Map.entry(Register.RFLAGS, 0x6820),
          Map.entry(Register.SYSENTER_ESP, 0x6824),
          Map.entry(Register.SYSENTER_EIP, 0x6826));

  private Vmcs() {}

  /** Whether the case is one for VMX, which keeps a guest's state in a VMCS. */
  static boolean isOf(Case testCase) {
    return testCase.vendor().equals("vmx");
  }

  /** Whether the case has EPT of its own in force. */
  static boolean hasEpt(Case testCase) {
    SortedMap<Integer, Long> fields = testCase.controlBlock().fields();
    return (value(fields, PRIMARY) & SECONDARY_ACTIVE) != 0
        && (value(fields, SECONDARY) & ENABLE_EPT) != 0;
  }

  /** The value of a field; 0 if it is not among them. */
  static long value(SortedMap<Integer, Long> fields, int encoding) {
    return fields.getOrDefault(encoding, 0L);
  }

  /**
   * Puts what the exit saved of the guest into {@code state}; returns the registers that were not
   * saved, or whose saved value means nothing (27.3.2).
   */
  static Set<Register> saved(SortedMap<Integer, Long> fields, MachineState state) {
    Set<Register> unseen = EnumSet.noneOf(Register.class);
    SAVED.forEach(
        (register, field) -> {
          if (fields.containsKey(field)) {
            state.set(register, fields.get(field));
          } else {
            unseen.add(register);
          }
        });
    for (int i = 0; i < SEGMENTS; i++) {
      int first = Register.ES_SEL.ordinal() + 4 * i;
      long rights = value(fields, ACCESS + 2 * i);
      boolean usable = (rights & UNUSABLE) == 0;
      state.set(Register.at(first), value(fields, SELECTORS + 2 * i));
      state.set(Register.at(first + 1), usable ? (rights & 0xFF) | (rights >> 4 & 0xF00) : 0);
      state.set(Register.at(first + 2), value(fields, LIMITS + 2 * i));
      state.set(Register.at(first + 3), value(fields, BASES + 2 * i));
      if (!usable) {
        unseen.add(Register.at(first + 2));
        unseen.add(Register.at(first + 3));
      }
    }
    long blocking = value(fields, INTERRUPTIBILITY);
    state.set(Register.CPL, value(fields, SS_ACCESS) >> 5 & 3);
    state.set(Register.INTERRUPT_SHADOW, (blocking & 3) != 0 ? 1 : 0);
    state.set(Register.NMI_MASKED, blocking >> 3 & 1);
    return unseen;
  }
}
