package dev.precept.subject;

import dev.precept.cases.FeatureBit;
import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.PortIo;
import dev.precept.core.Virtualization;
import dev.precept.core.instructions.BaseInstructions;
import dev.precept.core.svm.Svm;
import java.util.List;

/** Makes processors with the features that cases ask for. */
final class CoreProcessors {
  private CoreProcessors() {}

  static Cpu create(String vendor, List<FeatureBit> features, PhysicalMemory memory) {
    CpuModel.Builder model = CpuModel.builder();
    for (FeatureBit feature : features) {
      model.bit(
          feature.leaf(), feature.subleaf(), feature.register(), feature.bit(), feature.present());
    }
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    Svm.register(map);
    return new Cpu(model.build(), memory, PortIo.EMPTY, map, strategy(vendor));
  }

  private static Virtualization strategy(String vendor) {
    return switch (vendor) {
      case "svm" -> new Svm();
      default -> throw new IllegalArgumentException("the core has no vendor '" + vendor + "'");
    };
  }

  /** Takes the processor out of any guest, as RESET would. */
  static void reset(Cpu cpu) {
    cpu.state.reset();
    cpu.virtualization.reset();
  }
}
