package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuModel;
import dev.precept.core.StepResult;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** APM vol. 2, 15.5.1, "Canonicalization and Consistency Checks", item by item. */
class ConsistencyChecksTest {
  private static final long MAX_PHYSICAL = 1L << 40;

  private static Arguments illegal(String what, Consumer<SvmMachine> change) {
    return Arguments.of(what, change);
  }

  static Stream<Arguments> illegalStates() {
    return Stream.of(
        illegal("EFER.SVME is zero", m -> m.set64(VmcbLayout.EFER, 0)),
        illegal("CR0.CD is zero and CR0.NW is set", m -> m.set64(VmcbLayout.CR0, 0x2000_0011L)),
        illegal("CR0[63:32] are not zero", m -> m.set64(VmcbLayout.CR0, 0x1_0000_0011L)),
        illegal("an MBZ bit of CR3 is set", m -> m.set64(VmcbLayout.CR3, MAX_PHYSICAL)),
        illegal("an MBZ bit of CR4 is set", m -> m.set64(VmcbLayout.CR4, 1 << 15)),
        illegal("CR4[63:32] are not zero", m -> m.set64(VmcbLayout.CR4, 1L << 32)),
        illegal("DR6[63:32] are not zero", m -> m.set64(VmcbLayout.DR6, 1L << 32)),
        illegal("DR7[63:32] are not zero", m -> m.set64(VmcbLayout.DR7, 1L << 63)),
        illegal("an MBZ bit of EFER is set", m -> m.set64(VmcbLayout.EFER, 0x1000 | 1 << 9)),
        illegal(
            "EFER.LME and CR0.PG are set and CR4.PAE is zero",
            m -> m.long64().set64(VmcbLayout.CR4, 0)),
        illegal(
            "EFER.LME and CR0.PG are set and CR0.PE is zero",
            m -> m.long64().set64(VmcbLayout.CR0, 0x8000_0010L)),
        illegal(
            "EFER.LME, CR0.PG, CR4.PAE, CS.L and CS.D are all set",
            m -> m.long64().segment(VmcbLayout.CS, 8, 0xE9B, 0xFFFF_FFFFL, 0)),
        illegal("the VMRUN intercept is clear", m -> m.noIntercept(ExitCode.VMEXIT_VMRUN)),
        illegal(
            "the MSRPM ends beyond physical memory",
            m -> m.set64(VmcbLayout.MSRPM_BASE_PA, MAX_PHYSICAL - 0x1000)),
        illegal(
            "the IOPM ends beyond physical memory",
            m -> m.set64(VmcbLayout.IOPM_BASE_PA, MAX_PHYSICAL - 0x2000)),
        illegal("the ASID is zero", m -> m.set32(VmcbLayout.GUEST_ASID, 0)),
        illegal("an event of reserved type 1", m -> m.set64(VmcbLayout.EVENTINJ, 0x8000_0120L)),
        illegal("an event of reserved type 5", m -> m.set64(VmcbLayout.EVENTINJ, 0x8000_0520L)),
        illegal("vector 2 as an exception", m -> m.set64(VmcbLayout.EVENTINJ, 0x8000_0302L)),
        illegal("vector 32 as an exception", m -> m.set64(VmcbLayout.EVENTINJ, 0x8000_0320L)),
        illegal("#BR in 64-bit mode", m -> m.long64().set64(VmcbLayout.EVENTINJ, 0x8000_0305L)),
        illegal(
            "virtual NMIs without the NMI intercept",
            m -> m.set64(VmcbLayout.VIRTUAL_INTERRUPT, 1 << 26)),
        illegal(
            "nested paging under a host without paging", m -> m.set64(VmcbLayout.NP_ENABLE, 0x81)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("illegalStates")
  void illegalStateExitsWithInvalid(String what, Consumer<SvmMachine> change) {
    SvmMachine machine = new SvmMachine().code("0F01D9");
    change.accept(machine);

    assertThat(machine.vmrun()).as(what).isEqualTo(StepResult.EXITED);

    assertThat(machine.exitCode()).isEqualTo(-1);
    assertThat(machine.state.rip).isEqualTo(SvmMachine.HOST_NEXT);
  }

  static Stream<Arguments> legalStates() {
    return Stream.of(
        illegal("as it is", m -> {}),
        illegal("CR0.CD and CR0.NW are set", m -> m.set64(VmcbLayout.CR0, 0x6000_0011L)),
        illegal("64-bit mode", SvmMachine::long64),
        illegal("paged real mode", m -> m.set64(VmcbLayout.CR0, 0x8000_0010L)),
        illegal(
            "the MSRPM ends with physical memory",
            m -> m.set64(VmcbLayout.MSRPM_BASE_PA, MAX_PHYSICAL - 0x2000)),
        illegal(
            "the IOPM ends with physical memory",
            m -> m.set64(VmcbLayout.IOPM_BASE_PA, MAX_PHYSICAL - 0x3000)),
        illegal(
            "bits 11:0 of the maps' addresses are ignored",
            m -> m.set64(VmcbLayout.IOPM_BASE_PA, MAX_PHYSICAL - 0x3000 + 0xFFF)),
        illegal("an event that is not valid", m -> m.set64(VmcbLayout.EVENTINJ, 0x520)),
        illegal("CR3 up to the last physical bit", m -> m.set64(VmcbLayout.CR3, 1L << 39)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("legalStates")
  void legalStateRuns(String what, Consumer<SvmMachine> change) {
    SvmMachine machine = new SvmMachine().code("0F01D9");
    change.accept(machine);

    machine.vmrun();

    assertThat(machine.inGuest()).as(what).isTrue();
  }

  @Test
  void longModeBitsAreIllegalWhereThereIsNoLongMode() {
    CpuModel model = CpuModel.builder().bit(0x80000001, 0, 3, 29, false).build();
    SvmMachine machine = new SvmMachine(model);
    machine.set64(VmcbLayout.EFER, 0x1100);

    machine.vmrun();

    assertThat(machine.exitCode()).isEqualTo(-1);
  }

  @Test
  void reservedBitInPdpteIsIllegalInPaeMode() {
    SvmMachine machine = new SvmMachine();
    machine.set64(VmcbLayout.CR0, 0x8000_0011L).set64(VmcbLayout.CR4, 1 << 5);
    machine.set64(VmcbLayout.CR3, SvmMachine.PAGES);
    machine.memory.write64(SvmMachine.PAGES + 24, 0x3);

    machine.vmrun();

    assertThat(machine.exitCode()).isEqualTo(-1);
  }
}
