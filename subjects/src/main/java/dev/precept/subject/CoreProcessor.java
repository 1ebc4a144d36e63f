package dev.precept.subject;

import dev.precept.cases.Case;
import dev.precept.cases.ControlBlock;
import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.PortIo;
import dev.precept.core.Virtualization;
import dev.precept.core.instructions.BaseInstructions;
import java.util.List;
import java.util.SortedMap;

/**
 * A vendor's processor on the core, and the way into its guests: a host that executes the
 * instructions a hypervisor would.
 */
interface CoreProcessor {
  /**
   * A processor of {@code vendor} with {@code memory}.
   *
   * @throws IllegalArgumentException if the core has no such vendor
   */
  static CoreProcessor of(String vendor, Features features, PhysicalMemory memory) {
    OpcodeMap map = new OpcodeMap();
    BaseInstructions.register(map);
    return switch (vendor) {
      case "svm" -> new SvmProcessor(features, memory, map);
      case "vmx" -> new VmxProcessor(features, memory, map);
      default -> throw new IllegalArgumentException("the core has no vendor '" + vendor + "'");
    };
  }

  /** Sets what a case asks of a processor's features in a model. */
  interface Features {
    CpuModel.Builder over(CpuModel.Builder model);
  }

  /** A processor with no ports behind it. */
  static Cpu cpu(
      CpuModel.Builder model,
      Features features,
      PhysicalMemory memory,
      OpcodeMap map,
      Virtualization strategy) {
    return new Cpu(features.over(model).build(), memory, PortIo.EMPTY, map, strategy);
  }

  Cpu cpu();

  /** Pages that the processor keeps what it likes in: 4 KiB each, not compared. */
  List<Long> ownPages(Case testCase);

  /** Pages that keep what they hold while memory is set up anew: state of the processor. */
  List<Long> keptPages();

  /** The instructions that enter a guest, and what they read, in the page of the host's code. */
  void writeHostCode(byte[] ram);

  /** Makes the case's memory fit the processor, after it was loaded. */
  void prepare(Case testCase);

  /** Takes the processor out of any guest, as RESET would. */
  default void reset() {
    cpu().state.reset();
    cpu().virtualization.reset();
  }

  /**
   * Enters the guest of {@code controlBlock} from the case's host.
   *
   * @param guest whether the case's own state is what the guest runs with
   */
  Entry enter(Case testCase, ControlBlock controlBlock, boolean guest);

  /**
   * What came of entering a guest.
   *
   * @param end whether it runs
   * @param reason why it was refused, for people; else empty
   */
  record Entry(End end, String reason) {
    /** The guest is at its first instruction. */
    static final Entry RUNS = new Entry(End.RUNS, "");

    /** The guest exited before its first instruction. */
    static final Entry EXITED = new Entry(End.EXITED, "");

    /** An event was delivered before the guest's first instruction. */
    static final Entry DELIVERED = new Entry(End.DELIVERED, "");

    /** The host's instruction did not enter it. */
    static Entry refused(String reason) {
      return new Entry(End.REFUSED, reason);
    }

    enum End {
      RUNS,
      EXITED,
      DELIVERED,
      REFUSED
    }
  }

  /** Whether NMIs are blocked, or virtual NMIs of the guest that runs. */
  default boolean nmisBlocked() {
    return cpu().state.nmiMasked;
  }

  /** The case's VMCS fields after the run, where there are any and the case's end lets one look. */
  SortedMap<Integer, Long> fields(Case testCase, boolean inGuest);
}
