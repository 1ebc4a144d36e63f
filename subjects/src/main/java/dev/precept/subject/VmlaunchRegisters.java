package dev.precept.subject;

import dev.precept.cases.Register;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What of a guest's registers comes from where when VMX enters it (SDM vol. 3, 24.4, 26.3.2). */
public final class VmlaunchRegisters {
  /** What no field of the VMCS loads: it has to be in the processor before the guest is entered. */
  public static final Set<Register> LEFT_ALONE = Collections.unmodifiableSet(leftAlone());

  private VmlaunchRegisters() {}

  private static Set<Register> leftAlone() {
    Set<Register> registers = EnumSet.range(Register.RAX, Register.R15);
    // The VMCS has this one.
    registers.remove(Register.RSP);
    Collections.addAll(
        registers,
        Register.CR2,
        Register.CR8,
        Register.DR0,
        Register.DR1,
        Register.DR2,
        Register.DR3,
        Register.DR6,
        Register.XCR0,
        Register.STAR,
        Register.LSTAR,
        Register.CSTAR,
        Register.SFMASK,
        Register.KERNEL_GS_BASE,
        Register.TSC,
        Register.TSC_AUX,
        Register.APIC_BASE,
        Register.FEATURE_CONTROL,
        Register.XSS,
        Register.PASID);
    return registers;
  }
}
