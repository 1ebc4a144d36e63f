package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.StepResult;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GuestGarbageTest {
  private static final int SEEDS = 300;
  private static final int STEPS = 100;

  @Test
  void noGuestAndNoVmcbMakeStepThrow() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      SvmMachine m = new SvmMachine();
      byte[] code = new byte[0x1_0000];
      random.nextBytes(code);
      m.memory.write(SvmMachine.GUEST_CODE, code);
      m.memory.write(SvmMachine.IDT, code);
      int damaged = random.nextInt(40);
      for (int i = 0; i < damaged; i++) {
        boolean control = random.nextBoolean();
        int at = control ? random.nextInt(0x400) : 0x400 + random.nextInt(0x280);
        m.memory.write8(SvmMachine.VMCB + at, random.nextInt(256));
      }
      for (int step = 0; step < STEPS; step++) {
        int result = m.cpu.step();
        assertThat(result).as("seed %d", seed).isBetween(StepResult.RETIRED, StepResult.SHUTDOWN);
      }
    }
  }
}
