package dev.precept.subject;

import dev.precept.cases.Register;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What of a guest's registers comes from where when SVM enters it (APM vol. 2, 15.5.1, 15.5.2). */
public final class VmrunRegisters {
  /**
   * What neither VMRUN nor VMLOAD loads: it has to be in the processor before the guest is entered.
   * The time-stamp counter is not among them: no subject can hold it still.
   */
  public static final Set<Register> LEFT_ALONE = Collections.unmodifiableSet(leftAlone());

  private VmrunRegisters() {}

  private static Set<Register> leftAlone() {
    Set<Register> registers = EnumSet.range(Register.RAX, Register.R15);
    // The VMCB has these two.
    registers.removeAll(EnumSet.of(Register.RAX, Register.RSP));
    Collections.addAll(
        registers,
        Register.CR8,
        Register.DR0,
        Register.DR1,
        Register.DR2,
        Register.DR3,
        Register.XCR0,
        Register.PAT,
        Register.DEBUGCTL,
        Register.TSC_AUX,
        Register.VM_CR,
        Register.VM_HSAVE_PA,
        Register.APIC_BASE,
        Register.SMBASE);
    return registers;
  }
}
