package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GarbageTest {
  private static final int SEEDS = 100;
  private static final int STEPS = 200;

  @Test
  void noBytesInAnyModeMakeStepThrowOrReturnNonsense() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      TestMachine m =
          switch (seed % 5) {
            case 0 -> TestMachine.real();
            case 1 -> TestMachine.protected32(0);
            case 2 -> TestMachine.protected32(3);
            case 3 -> TestMachine.long64(0);
            default -> TestMachine.long64(3);
          };
      byte[] code = new byte[0x1_0000];
      random.nextBytes(code);
      m.memory.write(TestMachine.CODE, code);
      m.memory.write(TestMachine.HANDLERS, code);
      for (int i = 0; i < 16; i++) {
        if (i != 4) {
          m.state.gpr[i] = random.nextLong() >> random.nextInt(64);
        }
      }
      for (int step = 0; step < STEPS; step++) {
        int result = m.step();
        assertThat(result).as("seed %d", seed).isBetween(StepResult.RETIRED, StepResult.SHUTDOWN);
      }
    }
  }

  @Test
  void noStateMakesStepThrow() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed + 1_000_000L);
      TestMachine m = new TestMachine();
      byte[] bytes = new byte[0x10_0000];
      random.nextBytes(bytes);
      m.memory.write(0, bytes);
      CpuState s = m.state;
      for (int i = 0; i < 16; i++) {
        s.gpr[i] = random.nextLong() >>> random.nextInt(64);
      }
      s.rip = random.nextLong() >>> random.nextInt(64);
      s.rflags = random.nextInt(1 << 22) | 2;
      s.cr0 = random.nextLong();
      s.cr3 = random.nextLong() >>> random.nextInt(64);
      s.cr4 = random.nextInt(1 << 24);
      s.efer = random.nextInt(1 << 16);
      s.cpl = random.nextInt(4);
      for (Segment segment : new Segment[] {s.es, s.cs, s.ss, s.ds, s.fs, s.gs, s.ldtr, s.tr}) {
        segment.set(
            random.nextInt(), random.nextInt(), random.nextLong(), random.nextLong() >>> 40);
      }
      s.gdtrBase = random.nextInt(1 << 20);
      s.gdtrLimit = random.nextInt(1 << 16);
      s.idtrBase = random.nextInt(1 << 20);
      s.idtrLimit = random.nextInt(1 << 16);
      s.dr[7] = random.nextInt();
      s.smm = random.nextBoolean();
      for (int step = 0; step < STEPS; step++) {
        assertThat(m.step()).as("seed %d", seed).isBetween(0, StepResult.SHUTDOWN);
      }
    }
  }
}
