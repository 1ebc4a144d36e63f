package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.instructions.BaseInstructions;
import dev.precept.core.svm.Svm;
import org.junit.jupiter.api.Test;

/** The example in the package's Javadoc, word for word. */
class ExampleTest {
  @Test
  void theExampleInThePackageDocumentationHoldsTrue() {
    PhysicalMemory memory = new PhysicalMemory(1 << 20);
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    Svm.register(map);
    Cpu cpu = new Cpu(CpuModel.amd(), memory, PortIo.EMPTY, map, new Svm());

    memory.write(0x7C00, new byte[] {0x0F, 0x31, (byte) 0xF4}); // RDTSC, HLT
    cpu.state.cs.set(0, 0x9B, 0xFFFF, 0);
    cpu.state.rip = 0x7C00;
    int result = cpu.step(); // RETIRED
    while (result == StepResult.RETIRED) {
      result = cpu.step();
    }

    assertThat(result).isEqualTo(StepResult.HALTED);
    assertThat(cpu.state.gpr[0]).isEqualTo(1);
  }
}
