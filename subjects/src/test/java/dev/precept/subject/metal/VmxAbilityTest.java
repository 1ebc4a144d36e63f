package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the capability MSRs (SDM vol. 3, appendix A) let a case ask for. */
class VmxAbilityTest {
  private static final int MSR_BITMAPS = 0x2004;
  private static final long SECONDARY_ACTIVE = 1L << 31;

  private static BootReport report(String... lines) {
    return BootReport.parse(
        "precept-runner "
            + Protocol.VERSION
            + "\nsvm 0 0\nvmx 1\ndma 1\n"
            + "vmcs 4000\nvmcs 4002\nvmcs 401e\nvmcs 4004\nvmcs 4816\nvmcs 6800\nvmcs 6808\n"
            + "vmcs 681e\nvmcs 6820\nmsr 486 0\nmsr 487 ffffffff\nmsr 489 ffffffff\n"
            + String.join("\n", lines));
  }

  private static Case guest(int field, long value) {
    return HandMade.of("nop", 0x90).vmx(Map.of(field, value));
  }

  private static String lacking(Case testCase, String... lines) {
    return VmxAbility.lacking(testCase, report(lines)).orElse("nothing");
  }

  @Test
  void aControlThatCannotBeSetIsNamed() {
    // HLT exiting, bit 7.
    assertThat(lacking(guest(Vmcs.PRIMARY, 1 << 7), "msr 482 ffffff7f00000000"))
        .isEqualTo("primary processor-based controls: bit 7 cannot be 1 here");
    assertThat(lacking(guest(Vmcs.PRIMARY, 1 << 7), "msr 482 8000000000")).isEqualTo("nothing");
  }

  @Test
  void aControlThatHasToBeSetIsNamed() {
    assertThat(lacking(guest(Vmcs.PIN, 0), "msr 481 1600000016"))
        .isEqualTo("pin-based controls: bit 1, 2, 4 cannot be 0 here");
  }

  @Test
  void theTrueMsrsCountWhereThereAreSome() {
    // IA32_VMX_BASIC[55]
    assertThat(lacking(guest(Vmcs.PIN, 0), "msr 480 80000000000000", "msr 481 1600000016"))
        .isEqualTo("nothing");
  }

  @Test
  void secondaryControlsCountWhereTheyAreActivated() {
    Case off = guest(Vmcs.SECONDARY, 2);
    Case on =
        HandMade.of("nop", 0x90).vmx(Map.of(Vmcs.SECONDARY, 2L, Vmcs.PRIMARY, SECONDARY_ACTIVE));

    assertThat(lacking(off, "msr 482 ffffffff00000000")).isEqualTo("nothing");
    assertThat(lacking(on, "msr 482 ffffffff00000000"))
        .isEqualTo("secondary processor-based controls: bit 1 cannot be 1 here");
  }

  @Test
  void aFieldThatIsNotThereIsNamedUnlessItIsZero() {
    assertThat(lacking(guest(MSR_BITMAPS, 0x1000)))
        .isEqualTo("the processor has no VMCS field 2004h");
    assertThat(lacking(guest(MSR_BITMAPS, 0))).isEqualTo("nothing");
  }

  @Test
  void controlRegistersAreAsVmxHoldsThem() {
    // CR0.NE; the case has it clear.
    assertThat(lacking(guest(Vmcs.PIN, 0), "msr 486 20"))
        .isEqualTo("VMX holds bits 20h of CR0 otherwise than the case has them");
  }

  @Test
  void anUnrestrictedGuestIsFreeOfTwoOfThem() {
    Case testCase =
        HandMade.of("nop", 0x90).vmx(Map.of(Vmcs.SECONDARY, 0x80L, Vmcs.PRIMARY, SECONDARY_ACTIVE));

    assertThat(
            lacking(
                testCase,
                "msr 486 80000001",
                "msr 482 ffffffff00000000",
                "msr 48b ffffffff00000000"))
        .isEqualTo("nothing");
  }

  @Test
  void aHostCaseInLegacyModeBehindAGuestHasNoWay() {
    Case outside = HandMade.of("nop", 0x90).outside().vmx(Map.of());

    assertThat(lacking(outside)).contains("stays in long mode");
  }

  @Test
  void supervisorStatesAreThoseOfCpuid() {
    Case testCase = HandMade.of("nop", 0x90).with(Register.XSS, 0x900).vmx(Map.of());

    assertThat(lacking(testCase, "cpuid d 1 8 0 800 0"))
        .isEqualTo("the processor has no bits 100h in IA32_XSS");
  }

  @Test
  void theGuestThatGoesBeforeIsGivenWhatThereIs() {
    ControlBlock prior =
        new ControlBlock(
            Layout.PRIOR_CONTROL_BLOCK, Map.of(Vmcs.PRIMARY, 0xFFL, MSR_BITMAPS, 0x1000L));

    assertThat(VmxAbility.possible(prior, report("msr 482 f000000000")).fields())
        .isEqualTo(Map.of(Vmcs.PRIMARY, 0xF0L));
  }
}
