package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The descriptors that LLDT and LTR read: 8 bytes in legacy and compatibility modes, 16 in 64-bit
 * mode (APM vol. 3, LLDT and LTR).
 */
class SystemDescriptorTest {
  private static final int LLDT = 2, LTR = 3;

  /** The last 8 bytes of the GDT, whose limit is FFh. */
  private static final int LAST = 0xF8;

  /** A descriptor in the middle of the GDT, with {@link #HIGH} behind it. */
  private static final int WHOLE = 0x40;

  private static final long BASE = 0x9000, HIGH = 0x1234;

  private static TestMachine machine(boolean compatibility, int operation, int selector) {
    TestMachine m = TestMachine.long64(0).code(0x0F, 0x00, 0xC1 | operation << 3);
    if (compatibility) {
      m.state.cs.attributes = (m.state.cs.attributes & ~0x200) | 0x400;
    }
    int type = operation == LLDT ? 0x82 : 0x89;
    m.descriptor(WHOLE, BASE, 0xFF, type);
    m.memory.write64(TestMachine.GDT + WHOLE + 8, HIGH);
    m.descriptor(LAST, BASE, 0xFF, type);
    m.state.gpr[1] = selector;
    return m;
  }

  private static Segment loaded(TestMachine m, int operation) {
    return operation == LLDT ? m.state.ldtr : m.state.tr;
  }

  @ParameterizedTest
  @ValueSource(ints = {LLDT, LTR})
  void compatibilityModeReads8Bytes(int operation) {
    TestMachine whole = machine(true, operation, WHOLE);
    assertThat(whole.step()).isEqualTo(StepResult.RETIRED);
    assertThat(loaded(whole, operation).base).isEqualTo(BASE);

    TestMachine last = machine(true, operation, LAST);
    assertThat(last.step()).isEqualTo(StepResult.RETIRED);
    assertThat(loaded(last, operation).base).isEqualTo(BASE);
  }

  @ParameterizedTest
  @ValueSource(ints = {LLDT, LTR})
  void mode64Reads16Bytes(int operation) {
    TestMachine whole = machine(false, operation, WHOLE);
    assertThat(whole.step()).isEqualTo(StepResult.RETIRED);
    assertThat(loaded(whole, operation).base).isEqualTo(HIGH << 32 | BASE);

    TestMachine last = machine(false, operation, LAST);
    assertThat(last.step()).isEqualTo(StepResult.DELIVERED);
    assertThat(last.cpu.lastVector).isEqualTo(CpuFault.GP);
  }
}
