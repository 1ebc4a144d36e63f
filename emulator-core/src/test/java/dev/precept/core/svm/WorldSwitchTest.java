package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuState;
import dev.precept.core.Segment;
import dev.precept.core.StepResult;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** VMRUN and #VMEXIT move exactly the state that APM vol. 2, 15.5.1 and 15.6 list. */
class WorldSwitchTest {
  private static final String VMMCALL = "0F01D9";

  private static SvmMachine machine() {
    return new SvmMachine().code(VMMCALL).intercept(ExitCode.VMEXIT_VMMCALL);
  }

  private static Arguments field(
      int offset, int size, long value, ToLongFunction<CpuState> register) {
    return Arguments.of(offset, size, value, register);
  }

  private static Stream<Arguments> segment(
      int offset, int selector, int attributes, ToLongFunction<CpuState>[] parts) {
    return Stream.of(
        field(offset, 2, selector, parts[0]),
        field(offset + 2, 2, attributes, parts[1]),
        field(offset + 4, 4, 0xFFFF_FFFFL, parts[2]),
        field(offset + 8, 8, 0, parts[3]));
  }

  @SuppressWarnings("unchecked")
  private static ToLongFunction<CpuState>[] parts(
      java.util.function.Function<CpuState, Segment> which) {
    return new ToLongFunction[] {
      (ToLongFunction<CpuState>) s -> which.apply(s).selector,
      (ToLongFunction<CpuState>) s -> which.apply(s).attributes,
      (ToLongFunction<CpuState>) s -> which.apply(s).limit,
      (ToLongFunction<CpuState>) s -> which.apply(s).base
    };
  }

  static Stream<Arguments> guestFields() {
    return Stream.of(
            segment(VmcbLayout.CS, 0x58, 0xC9A, parts(s -> s.cs)),
            segment(VmcbLayout.SS, 0x60, 0xC97, parts(s -> s.ss)),
            segment(VmcbLayout.DS, 0x68, 0xC91, parts(s -> s.ds)),
            segment(VmcbLayout.ES, 0x70, 0xC90, parts(s -> s.es)),
            Stream.of(
                field(VmcbLayout.ES + 8, 8, 0x1234_5678, s -> s.es.base),
                field(VmcbLayout.DS + 4, 4, 0x1_2345, s -> s.ds.limit),
                field(VmcbLayout.GDTR + 4, 4, 0x1234, s -> s.gdtrLimit),
                field(VmcbLayout.GDTR + 8, 8, 0x7FFF_1234_5678L, s -> s.gdtrBase),
                field(VmcbLayout.IDTR + 4, 4, 0x4321, s -> s.idtrLimit),
                field(VmcbLayout.IDTR + 8, 8, 0xFFFF_8000_0000_1000L, s -> s.idtrBase),
                field(VmcbLayout.CPL, 1, 2, s -> s.cpl),
                field(VmcbLayout.EFER, 8, 0x1801, s -> s.efer),
                field(VmcbLayout.CR4, 8, 0x698, s -> s.cr4),
                field(VmcbLayout.CR3, 8, 0x12_3456_7000L, s -> s.cr3),
                field(VmcbLayout.CR0, 8, 0x6001_0031L, s -> s.cr0),
                field(VmcbLayout.CR2, 8, 0xFEDC_BA98_7654_3210L, s -> s.cr2),
                field(VmcbLayout.DR6, 8, 0xFFFF_4FF1L, s -> s.dr[6]),
                field(VmcbLayout.DR7, 8, 0x0030_0400L, s -> s.dr[7]),
                field(VmcbLayout.RFLAGS, 8, 0x1_02D7, s -> s.rflags),
                field(VmcbLayout.RSP, 8, 0x1122_3344_5566_7788L, s -> s.gpr[4]),
                field(VmcbLayout.RAX, 8, 0x8877_6655_4433_2211L, s -> s.gpr[0]),
                field(VmcbLayout.RIP, 8, SvmMachine.GUEST_CODE + 0x40, s -> s.rip),
                field(VmcbLayout.INTERRUPT_SHADOW, 1, 1, s -> s.interruptShadow ? 1 : 0)))
        .flatMap(s -> s);
  }

  @ParameterizedTest(name = "offset {0}, value {2}")
  @MethodSource("guestFields")
  void vmrunLoadsTheField(int offset, int size, long value, ToLongFunction<CpuState> register) {
    SvmMachine machine = machine();
    machine.memory.write(SvmMachine.VMCB + offset, size, value);

    machine.vmrun();

    assertThat(machine.inGuest()).isTrue();
    assertThat(register.applyAsLong(machine.state)).isEqualTo(value);
  }

  @ParameterizedTest(name = "offset {0}, value {2}")
  @MethodSource("guestFields")
  void exitWritesTheFieldBack(int offset, int size, long value, ToLongFunction<CpuState> register) {
    SvmMachine machine = machine();
    machine.memory.write(SvmMachine.GUEST_CODE + 0x40, SvmMachine.bytes(VMMCALL));
    machine.memory.write(SvmMachine.VMCB + offset, size, value);
    machine.vmrun();
    machine.memory.write(SvmMachine.VMCB + offset, size, 0);

    assertThat(machine.cpu.step()).isEqualTo(StepResult.EXITED);

    assertThat(machine.get(offset, size)).isEqualTo(value);
  }

  static Stream<Arguments> hostFields() {
    return Stream.of(
            Stream.of(
                field(0, 0, SvmMachine.HOST_NEXT, s -> s.rip),
                field(0, 0, 0x202, s -> s.rflags),
                field(0, 0, SvmMachine.VMCB, s -> s.gpr[0]),
                field(0, 0, SvmMachine.STACK, s -> s.gpr[4]),
                field(0, 0, 0x11, s -> s.cr0),
                field(0, 0, 0x5000, s -> s.cr3),
                field(0, 0, 0x600, s -> s.cr4),
                field(0, 0, 0x1000, s -> s.efer),
                field(0, 0, 0x1111, s -> s.gdtrBase),
                field(0, 0, 0x22, s -> s.gdtrLimit),
                field(0, 0, 0x3333, s -> s.idtrBase),
                field(0, 0, 0x44, s -> s.idtrLimit),
                field(0, 0, 0x08, s -> s.cs.selector),
                field(0, 0, 0xC9B, s -> s.cs.attributes),
                field(0, 0, 0x10, s -> s.ss.selector),
                field(0, 0, 0x18, s -> s.ds.selector),
                field(0, 0, 0x20, s -> s.es.selector),
                field(0, 0, 0, s -> s.cpl),
                field(0, 0, 0x400, s -> s.dr[7]),
                field(0, 0, 0, s -> s.gif ? 1 : 0),
                field(0, 0, 0, s -> s.interruptShadow ? 1 : 0)))
        .flatMap(s -> s);
  }

  @ParameterizedTest(name = "{index}: {2}")
  @MethodSource("hostFields")
  void exitReloadsTheHost(
      int unusedOffset, int unusedSize, long value, ToLongFunction<CpuState> register) {
    SvmMachine machine = machine().cpl3();
    machine.set64(VmcbLayout.RFLAGS, 0xD7).set64(VmcbLayout.CR4, 8).set64(VmcbLayout.CR3, 0x7000);
    machine.set64(VmcbLayout.RSP, 0x43000).set64(VmcbLayout.CR0, 0x33);
    machine.set64(VmcbLayout.EFER, 0x1001).set64(VmcbLayout.DR7, 0x30400);
    machine.memory.write8(SvmMachine.VMCB + VmcbLayout.INTERRUPT_SHADOW, 1);
    CpuState host = machine.state;
    host.rflags = 0x202;
    host.cr3 = 0x5000;
    host.cr4 = 0x600;
    host.gdtrBase = 0x1111;
    host.gdtrLimit = 0x22;
    host.idtrBase = 0x3333;
    host.idtrLimit = 0x44;
    host.dr[7] = 0x401;

    assertThat(machine.run()).isEqualTo(StepResult.EXITED);

    assertThat(register.applyAsLong(machine.state)).isEqualTo(value);
  }

  @Test
  void registersThatNeitherSideNamesPassThrough() {
    SvmMachine machine = machine();
    machine.state.gpr[3] = 0x33;
    machine.state.gpr[15] = 0xFF;
    machine.state.dr[0] = 0xD0;
    machine.state.lstar = 0x1234;
    machine.state.fs.base = 0xF5;

    machine.run();

    assertThat(machine.state.gpr[3]).isEqualTo(0x33);
    assertThat(machine.state.gpr[15]).isEqualTo(0xFF);
    assertThat(machine.state.dr[0]).isEqualTo(0xD0);
    assertThat(machine.state.lstar).isEqualTo(0x1234);
    assertThat(machine.state.fs.base).isEqualTo(0xF5);
  }

  @Test
  void basesAreSignExtendedFromBit47() {
    SvmMachine machine = machine();
    machine.set64(VmcbLayout.GDTR + 8, 0x0000_8000_0000_0000L);
    machine.set64(VmcbLayout.IDTR + 8, 0x0000_8000_0000_0000L);

    machine.vmrun();

    assertThat(machine.state.gdtrBase).isEqualTo(0xFFFF_8000_0000_0000L);
    assertThat(machine.state.idtrBase).isEqualTo(0xFFFF_8000_0000_0000L);
  }

  @ParameterizedTest(name = "CR0 {0}, RFLAGS {1}: CPL {2}")
  @CsvSource({"0x10, 2, 0", "0x11, 0x20002, 3", "0x11, 2, 1"})
  void cplIsForcedInRealAndVirtual8086Mode(String cr0, String rflags, int cpl) {
    SvmMachine machine = machine();
    machine.set64(VmcbLayout.CR0, Long.decode(cr0)).set64(VmcbLayout.RFLAGS, Long.decode(rflags));
    machine.memory.write8(SvmMachine.VMCB + VmcbLayout.CPL, 1);

    machine.vmrun();

    assertThat(machine.state.cpl).isEqualTo(cpl);
  }

  @Test
  void vmrunSetsGif() {
    SvmMachine machine = machine();
    machine.state.gif = false;

    machine.vmrun();

    assertThat(machine.state.gif).isTrue();
  }

  @Test
  void exitClearsEventInjection() {
    SvmMachine machine = machine();
    machine.set64(VmcbLayout.EVENTINJ, 0x0000_0000_0000_0320L);

    machine.run();

    assertThat(machine.get64(VmcbLayout.EVENTINJ)).isZero();
  }

  @Test
  void controlsAreReadAtVmrunOnly() {
    SvmMachine machine = machine();
    machine.vmrun();
    machine.noIntercept(ExitCode.VMEXIT_VMMCALL);

    machine.cpu.step();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_VMMCALL);
  }

  @Test
  void guestTrapFlagTrapsAfterItsFirstInstructionAndNotBefore() {
    SvmMachine machine = new SvmMachine().code("90");
    machine.set64(VmcbLayout.RFLAGS, 0x102);
    machine.vmrun();
    assertThat(machine.inGuest()).isTrue();

    machine.cpu.step();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_EXCP0 + 1);
    assertThat(machine.get64(VmcbLayout.RIP)).isEqualTo(SvmMachine.GUEST_CODE + 1);
    assertThat(machine.get64(VmcbLayout.DR6)).isEqualTo(0xFFFF_4FF0L);
  }

  @Test
  void vmloadAndVmsaveMoveTheOtherRegisters() {
    SvmMachine machine = new SvmMachine();
    long[] offsets = {
      VmcbLayout.KERNEL_GS_BASE, VmcbLayout.STAR, VmcbLayout.LSTAR, VmcbLayout.CSTAR,
      VmcbLayout.SFMASK, VmcbLayout.SYSENTER_CS, VmcbLayout.SYSENTER_ESP, VmcbLayout.SYSENTER_EIP
    };
    for (int i = 0; i < offsets.length; i++) {
      machine.memory.write64(SvmMachine.OTHER_VMCB + offsets[i], 0x1000 + i);
    }
    int[] segments = {VmcbLayout.FS, VmcbLayout.GS, VmcbLayout.TR, VmcbLayout.LDTR};
    for (int offset : segments) {
      machine.memory.write64(SvmMachine.OTHER_VMCB + offset, 0x1234_0ABC_0000L << 16 | offset);
      machine.memory.write64(SvmMachine.OTHER_VMCB + offset + 8, 0x7000_0000_0000L + offset);
    }
    machine.state.gpr[0] = SvmMachine.OTHER_VMCB;
    machine.memory.write(SvmMachine.HOST_CODE, SvmMachine.bytes("0F01DA B800C00000 0F01DB"));

    machine.cpu.step();
    machine.cpu.step();
    machine.cpu.step();

    for (long offset : offsets) {
      assertThat(machine.memory.read64(0xC000 + offset))
          .isEqualTo(machine.memory.read64(SvmMachine.OTHER_VMCB + offset));
    }
    for (int offset : segments) {
      assertThat(machine.memory.copy(0xC000 + offset + 4, 12))
          .isEqualTo(machine.memory.copy(SvmMachine.OTHER_VMCB + offset + 4, 12));
    }
    assertThat(machine.state.kernelGsBase).isEqualTo(0x1000);
    assertThat(machine.state.sysenterEip).isEqualTo(0x1007);
    assertThat(machine.state.fs.base).isEqualTo(0x7000_0000_0440L);
  }
}
