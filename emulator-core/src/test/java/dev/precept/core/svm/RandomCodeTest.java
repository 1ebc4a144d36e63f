package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.StepResult;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever bytes a guest executes under whatever controls, step returns and never throws. */
class RandomCodeTest {
  private static final int GUESTS = 300;

  private static final int STEPS = 8;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void stepNeverThrows(long seed) {
    Random random = new Random(seed);
    for (int guest = 0; guest < GUESTS; guest++) {
      SvmMachine machine = new SvmMachine();
      byte[] code = new byte[64];
      random.nextBytes(code);
      if (random.nextBoolean()) {
        code[0] = 0x0F;
        code[1] = (byte) random.nextInt(2);
      }
      machine.memory.write(SvmMachine.GUEST_CODE, code);
      if (random.nextBoolean()) {
        machine.long64();
      }
      if (random.nextInt(4) == 0) {
        machine.set64(VmcbLayout.RFLAGS, 0x2_0002);
      }
      for (int vector = 0; vector < 24; vector += 4) {
        machine.set32(vector, random.nextInt(4) == 0 ? random.nextInt() : 0);
      }
      machine.intercept(ExitCode.VMEXIT_VMRUN);
      if (random.nextInt(4) == 0) {
        machine.set64(VmcbLayout.EVENTINJ, 0x8000_0000L | random.nextInt(0x1000));
      }
      // Neither AVIC nor x2AVIC nor virtual NMIs, which would make most guests illegal.
      machine.set64(VmcbLayout.VIRTUAL_INTERRUPT, random.nextLong() & ~0xC400_0000L);
      for (int i = 0; i < 16; i++) {
        machine.state.gpr[i] = i == 0 ? SvmMachine.VMCB : random.nextLong() >>> random.nextInt(64);
      }
      for (int i = 0; i < STEPS; i++) {
        assertThat(machine.cpu.step()).isBetween(StepResult.RETIRED, StepResult.SHUTDOWN);
      }
    }
  }
}
