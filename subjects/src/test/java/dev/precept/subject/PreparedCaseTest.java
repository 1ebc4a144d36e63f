package dev.precept.subject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.PortIo;
import dev.precept.core.Virtualization;
import dev.precept.core.instructions.BaseInstructions;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/** {@code IN AL, 80h} in real mode, with a device that may answer differently every time. */
class PreparedCaseTest {
  private static PreparedCase in(IntSupplier device) {
    PhysicalMemory memory = new PhysicalMemory(0x2000);
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    PortIo ports =
        new PortIo() {
          @Override
          public int in(int port, int size) {
            return device.getAsInt();
          }

          @Override
          public void out(int port, int size, int value) {}
        };
    Cpu cpu = new Cpu(CpuModel.builder().build(), memory, ports, map, Virtualization.NONE);
    cpu.state.cs.set(0, 0x9B, 0xFFFF, 0);
    cpu.state.rip = 0x1000;
    memory.write8(0x1000, 0xE4);
    memory.write8(0x1001, 0x80);
    memory.clearDirty();
    return new PreparedCase(
        cpu,
        1,
        result -> Observation.unanswered("in", OutcomeKind.RETIRED, "al " + cpu.state.gpr[0]));
  }

  @Test
  void runsBeginWhereTheFirstBegan() {
    PreparedCase prepared = in(() -> 7);

    assertThat(prepared.observation().remark()).isEqualTo("al 7");
    assertThat(prepared.run()).isTrue();
    assertThat(prepared.run()).isTrue();
  }

  @Test
  void aRunThatEndsOtherwiseIsSeen() {
    int[] answer = {7};
    PreparedCase prepared = in(() -> answer[0]);

    answer[0] = 8;
    assertThat(prepared.run()).isFalse();
    answer[0] = 7;
    assertThat(prepared.run()).isTrue();
  }

  @Test
  void aCaseThatIsNeverTheSameIsRefused() {
    int[] answer = {0};

    assertThatThrownBy(() -> in(() -> answer[0]++))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not like its first");
  }
}
