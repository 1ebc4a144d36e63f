package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Repeated string instructions that fault in a later turn (SDM vol. 2, REP). */
class StringInstructionsTest {
  private static final int ECX = 1, ESP = 4, ESI = 6, EDI = 7;
  private static final long SOURCE = 0x8000, LAST = 0x9000;

  /** REPE CMPSB of two turns, the second of which is beyond the limit of ES; CF and SF are set. */
  private static TestMachine compares() {
    TestMachine m = TestMachine.protected32(0).code(0xF3, 0xA6);
    m.state.es.limit = LAST;
    m.state.gpr[ECX] = 2;
    m.state.gpr[ESI] = SOURCE;
    m.state.gpr[EDI] = LAST;
    m.state.rflags |= CpuState.CF | CpuState.SF;
    assertThat(m.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(m.cpu.lastVector).isEqualTo(CpuFault.GP);
    return m;
  }

  @Test
  void theRegistersPointToTheElementThatFaults() {
    CpuState s = compares().state;

    assertThat(s.gpr[ECX]).isEqualTo(1);
    assertThat(s.gpr[ESI]).isEqualTo(SOURCE + 1);
    assertThat(s.gpr[EDI]).isEqualTo(LAST + 1);
  }

  @Test
  void theFlagsAreThoseFromBeforeTheInstruction() {
    TestMachine m = compares();

    // #GP pushes EFLAGS, CS, EIP and the error code.
    long image = m.memory.read32(m.state.gpr[ESP] + 12);

    assertThat(image & 0x8D5).isEqualTo(CpuState.CF | CpuState.SF);
  }
}
