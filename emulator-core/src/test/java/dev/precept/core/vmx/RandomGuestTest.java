package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuModel;
import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import dev.precept.core.VmxCapabilities;
import dev.precept.core.vmx.VmxControls.PinBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever bytes a guest or a host executes, and whatever a VMCS holds, step returns. */
class RandomGuestTest {
  private static final int GUESTS = 200;
  private static final int STEPS = 12;

  private static void runs(VmxMachine m, int steps, String what) {
    for (int i = 0; i < steps; i++) {
      assertThat(m.cpu.step()).as(what).isBetween(StepResult.RETIRED, StepResult.SHUTDOWN);
    }
  }

  /** Half of the time an opcode of the 0F map, where the system instructions are. */
  private static byte[] code(Random random, int length) {
    byte[] code = new byte[length];
    random.nextBytes(code);
    if (random.nextBoolean()) {
      int at = random.nextInt(2);
      code[0] = new byte[] {0x66, (byte) 0xF2, (byte) 0xF3, 0x48}[random.nextInt(4)];
      code[at] = 0x0F;
      int[] likely = {0x00, 0x01, 0x20, 0x22, 0x21, 0x23, 0x30, 0x32, 0x78, 0x79, 0xC7, 0xAE, 0x38};
      code[at + 1] = (byte) likely[random.nextInt(likely.length)];
    }
    return code;
  }

  private static void registers(VmxMachine m, Random random) {
    for (int i = 0; i < 16; i++) {
      m.state.gpr[i] =
          random.nextBoolean()
              ? VmxMachine.DATA + random.nextInt(0x1000)
              : random.nextLong() >>> random.nextInt(64);
    }
  }

  /** Controls that VM entry accepts, each optional one with probability 1/4. */
  private static void controls(VmxMachine m, Random random) {
    VmxCapabilities may = CpuModel.intel().vmxCapabilities;
    m.pin((int) may.pinBased | ((int) (may.pinBased >>> 32) & sparse(random)));
    m.proc((int) (may.procBased >>> 32) & sparse(random) & ~(1 << 22));
    m.proc2((int) (may.procBased2 >>> 32) & sparse(random) & ~ProcBased2.ENABLE_VM_FUNCTIONS);
    m.exitControls((int) (may.exit >>> 32) & sparse(random) & ~(1 << 22));
    if ((m.get(VmcsField.PIN_BASED_CONTROLS) & PinBased.VIRTUAL_NMIS) != 0) {
      m.pin(PinBased.NMI_EXITING);
    }
    m.set(VmcsField.HOST_IA32_EFER, CpuState.EFER_LME | CpuState.EFER_LMA);
    m.set(VmcsField.TSC_MULTIPLIER, random.nextLong() | 1);
    m.set(VmcsField.EXCEPTION_BITMAP, random.nextBoolean() ? -1L : sparse(random));
    m.set(VmcsField.CR0_GUEST_HOST_MASK, sparse(random));
    m.set(VmcsField.CR4_GUEST_HOST_MASK, sparse(random));
    m.set(VmcsField.CR0_READ_SHADOW, random.nextLong());
    m.set(VmcsField.CR4_READ_SHADOW, random.nextLong());
    m.set(VmcsField.XSS_EXITING_BITMAP, random.nextLong());
    m.set(VmcsField.ENCLS_EXITING_BITMAP, random.nextLong());
    m.set(VmcsField.LOW_PASID_DIRECTORY_ADDRESS, VmxMachine.AREA);
    m.set(VmcsField.HIGH_PASID_DIRECTORY_ADDRESS, VmxMachine.AREA);
    m.set(VmcsField.VMX_PREEMPTION_TIMER_VALUE, random.nextInt(STEPS));
  }

  private static int sparse(Random random) {
    int first = random.nextInt();
    return first & random.nextInt();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void aGuestOfRandomCode(long seed) {
    Random random = new Random(seed);
    int entered = 0;
    for (int guest = 0; guest < GUESTS; guest++) {
      VmxMachine m = new VmxMachine().ept();
      switch (random.nextInt(5)) {
        case 0 -> m.realMode();
        case 1 -> m.virtual8086();
        case 2 -> m.protected32();
        case 3 -> m.compatibility();
        default -> {}
      }
      controls(m, random);
      if (random.nextInt(4) == 0) {
        m.cpl3();
      }
      if (random.nextInt(4) == 0) {
        m.set(VmcsField.GUEST_RFLAGS, m.get(VmcsField.GUEST_RFLAGS) | CpuState.TF);
      }
      if (random.nextInt(4) == 0) {
        int[] events = {0x80000000, 0x80000202, 0x80000306, 0x80000B0D, 0x80000480, 0x80000700};
        m.set(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION, events[random.nextInt(events.length)]);
        m.set(VmcsField.VM_ENTRY_INSTRUCTION_LENGTH, 1 + random.nextInt(15));
      }
      m.memory.write(VmxMachine.GUEST_CODE, code(random, 64));
      m.memory.write(VmxMachine.IDT, code(random, 0x400));
      m.launch();
      entered += m.vmx.inGuest() ? 1 : 0;
      registers(m, random);
      runs(m, STEPS, "seed %d guest %d".formatted(seed, guest));
    }
    assertThat(entered).as("most guests run").isGreaterThan(GUESTS / 2);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void aVmcsOfGarbage(long seed) {
    Random random = new Random(seed);
    int entered = 0;
    int failed = 0;
    VmcsField[] fields = VmcsField.values();
    for (int guest = 0; guest < GUESTS; guest++) {
      VmxMachine m = new VmxMachine().ept();
      for (int i = random.nextInt(6); i >= 0; i--) {
        VmcsField field = fields[random.nextInt(fields.length)];
        m.set(field, random.nextBoolean() ? random.nextLong() : 1L << random.nextInt(64));
      }
      m.memory.write(VmxMachine.GUEST_CODE, code(random, 0x1000));
      m.memory.write(VmxMachine.EPT + 0x3000 + random.nextInt(0x800), code(random, 8));
      m.launch();
      entered += m.vmx.inGuest() ? 1 : 0;
      failed += m.vmx.inGuest() ? 0 : 1;
      runs(m, STEPS * 4, "seed %d guest %d".formatted(seed, guest));
    }
    assertThat(entered).isGreaterThan(GUESTS / 10);
    assertThat(failed).isGreaterThan(GUESTS / 10);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void aRegionOfGarbageAndAHostOfRandomCode(long seed) {
    Random random = new Random(seed);
    for (int host = 0; host < GUESTS; host++) {
      VmxMachine m = new VmxMachine();
      byte[] region = code(random, VmcsRegion.SIZE - 8);
      m.memory.write(VmxMachine.VMCS + 8, region);
      m.current();
      m.memory.write(VmxMachine.HOST_CODE, code(random, 64));
      m.memory.write(VmxMachine.HOST_EXIT, code(random, 64));
      if (random.nextBoolean()) {
        m.memory.write(VmxMachine.HOST_CODE, VmxMachine.bytes("0F01C2 0F01C3"));
      }
      m.state.rip = VmxMachine.HOST_CODE;
      registers(m, random);
      runs(m, STEPS, "seed %d host %d".formatted(seed, host));
    }
  }
}
