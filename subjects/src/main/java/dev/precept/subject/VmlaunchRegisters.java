package dev.precept.subject;

import dev.precept.cases.Register;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What of a guest's registers comes from where when VMX enters it (SDM vol. 3, 24.4, 26.3.2). */
public final class VmlaunchRegisters {
  /** What no field of the VMCS loads: it has to be in the processor before the guest is entered. */
  public static final Set<Register> LEFT_ALONE =
      Collections.unmodifiableSet(
          EnumSet.of(
              Register.RAX,
              Register.RCX,
              Register.RDX,
              Register.RBX,
              Register.RBP,
              Register.RSI,
              Register.RDI,
              Register.R8,
              Register.R9,
              Register.R10,
              Register.R11,
              Register.R12,
              Register.R13,
              Register.R14,
              Register.R15,
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
              Register.PASID));

  private VmlaunchRegisters() {}
}
