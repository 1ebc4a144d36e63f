package dev.precept.subject;

import dev.precept.cases.FeatureBit;
import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.PortIo;
import dev.precept.core.Vendor;
import dev.precept.core.Virtualization;
import dev.precept.core.instructions.BaseInstructions;
import dev.precept.core.svm.Svm;
import dev.precept.core.vmx.Vmx;
import java.util.List;

/** Makes processors with the features that cases ask for. */
final class CoreProcessors {
  private CoreProcessors() {}

  static Cpu create(String vendor, List<FeatureBit> features, PhysicalMemory memory) {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    Virtualization strategy = strategy(vendor, map);
    boolean intel = strategy.vendor() == Vendor.VMX;
    CpuModel.Builder model = intel ? CpuModel.intelBuilder() : CpuModel.builder();
    for (FeatureBit feature : features) {
      model.bit(
          feature.leaf(), feature.subleaf(), feature.register(), feature.bit(), feature.present());
    }
    return new Cpu(model.build(), memory, PortIo.EMPTY, map, strategy);
  }

  /** The vendor's strategy, whose instructions go into {@code map}. */
  private static Virtualization strategy(String vendor, OpcodeMap map) {
    switch (vendor) {
      case "svm" -> {
        Svm.register(map);
        return new Svm();
      }
      case "vmx" -> {
        Vmx.register(map);
        return new Vmx();
      }
      default -> throw new IllegalArgumentException("the core has no vendor '" + vendor + "'");
    }
  }

  /** Takes the processor out of any guest, as RESET would. */
  static void reset(Cpu cpu) {
    cpu.state.reset();
    cpu.virtualization.reset();
  }
}
