package dev.precept.generator.vendor;

import dev.precept.cases.Context;
import dev.precept.cases.Register;
import dev.precept.generator.state.Descriptors;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Mode;
import java.util.Map;

/**
 * Of a guest's segment attributes "only some [...] are actually observed by hardware" (APM vol. 2,
 * 15.5.1), which lists them; what #VMEXIT stores of the others is not stated.
 */
final class ObservedAttributes {
  /** Of CS: D, L and R. P is listed too, but "ignored" where CS is looked at behind an exit. */
  private static final long OF_CODE = Descriptors.DB | Descriptors.L | 2;

  /** Of SS: B, P, E, W and code/data; "in 64-bit mode, P is ignored". */
  private static final long OF_STACK = Descriptors.DB | Descriptors.P | 0xE;

  /** Of DS and ES: D, P, DPL, E, W and code/data. */
  private static final long OF_DATA = Descriptors.DB | Descriptors.P | 0x60 | 0xE;

  private static final Map<Register, Long> EVERYWHERE = with(OF_STACK);
  private static final Map<Register, Long> IN_64_BIT_MODE = with(OF_STACK & ~Descriptors.P);

  private ObservedAttributes() {}

  /** Bits to compare by register; none if no guest runs, since only its are seen in a VMCB. */
  static Map<Register, Long> of(Setup setup) {
    if (setup.testCase().context() != Context.GUEST) {
      return Map.of();
    }
    return setup.mode() == Mode.LONG64 ? IN_64_BIT_MODE : EVERYWHERE;
  }

  private static Map<Register, Long> with(long stack) {
    return Map.of(
        Register.CS_ATTR,
        OF_CODE,
        Register.SS_ATTR,
        stack,
        Register.DS_ATTR,
        OF_DATA,
        Register.ES_ATTR,
        OF_DATA);
  }
}
