package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.subject.Subject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A machine that boots the bare-metal runner, as a subject.
 *
 * <p>A case that kills the machine costs itself only: those that have no result yet run again on a
 * new machine, and the culprit runs once more, alone on a machine of its own, before what it did is
 * reported.
 *
 * <p>{@link #otherwise} can be called while another thread runs a batch.
 */
public final class MetalSubject implements Subject {
  /** Machines with different features that are kept running. */
  private static final int LANES = 3;

  /** By the vendor whose cases it runs; several may have the same. */
  private final Map<String, Emulator> emulators;

  private final byte[] image;
  private final Lane.Patience patience;

  /** In order of use. */
  private final Map<Kind, Lane> lanes = new LinkedHashMap<>();

  private final Map<Kind, Deaths> deaths = new HashMap<>();
  private final Map<Emulator, BootReport> reports = new ConcurrentHashMap<>();

  /**
   * A sort of machine.
   *
   * @param off features that its processor must not have
   */
  private record Kind(Emulator emulator, Set<FeatureBit> off) {}

  /** A machine whose processor is the same for the cases of all vendors. */
  MetalSubject(Emulator emulator, byte[] image, Lane.Patience patience) {
    this(Map.of("svm", emulator, "vmx", emulator), image, patience);
  }

  private MetalSubject(Map<String, Emulator> emulators, byte[] image, Lane.Patience patience) {
    this.emulators = emulators;
    this.image = image;
    this.patience = patience;
  }

  /**
   * QEMU with its own translator.
   *
   * @throws SubjectUnavailableException if this build has no boot image
   */
  public static MetalSubject qemu() {
    return new MetalSubject(Qemu.tcg(), RunnerImage.bytes(), Lane.Patience.USUAL);
  }

  /**
   * The hardware's own virtualization, through QEMU and KVM. Untested.
   *
   * @throws SubjectUnavailableException if this build has no boot image
   */
  public static MetalSubject kvm() {
    return new MetalSubject(Qemu.kvm(), RunnerImage.bytes(), Lane.Patience.USUAL);
  }

  /**
   * Bochs, with an AMD processor for SVM's cases and an Intel one for VMX's.
   *
   * @throws SubjectUnavailableException if this build has no boot image
   */
  public static MetalSubject bochs() {
    Map<String, Emulator> models = Map.of("svm", Bochs.svm(), "vmx", Bochs.vmx());
    return new MetalSubject(models, RunnerImage.bytes(), Lane.Patience.USUAL);
  }

  @Override
  public String name() {
    return emulators.get("svm").name();
  }

  @Override
  public String version() {
    return emulators.get("svm").version();
  }

  @Override
  public synchronized void run(List<Case> batch, Consumer<Observation> observations) {
    Map<Kind, List<Case>> groups = new LinkedHashMap<>();
    for (Case testCase : batch) {
      groups.computeIfAbsent(kind(testCase), kind -> new ArrayList<>()).add(testCase);
    }
    groups.forEach((kind, cases) -> run(kind, cases, observations));
  }

  @Override
  public List<FeatureBit> otherwise(Case testCase) {
    Kind kind = kind(testCase);
    BootReport report = report(kind.emulator());
    return testCase.features().stream()
        .filter(bit -> !report.agrees(bit) && !kind.off().contains(bit))
        .toList();
  }

  /** Without the features that the case wants to be absent and that the machine can do without. */
  private Kind kind(Case testCase) {
    Emulator emulator = emulators.get(testCase.vendor());
    if (emulator == null) {
      throw new IllegalArgumentException("no machine for vendor " + testCase.vendor());
    }
    Set<FeatureBit> off = new HashSet<>();
    for (FeatureBit bit : testCase.features()) {
      if (!bit.present() && report(emulator).has(bit) && emulator.canSwitchOff(bit)) {
        off.add(bit);
      }
    }
    return new Kind(emulator, Set.copyOf(off));
  }

  /** What the machine has with all its features. */
  private BootReport report(Emulator emulator) {
    BootReport known = reports.get(emulator);
    return known != null ? known : boot(emulator);
  }

  private synchronized BootReport boot(Emulator emulator) {
    return reports.computeIfAbsent(emulator, one -> lane(new Kind(emulator, Set.of())).report());
  }

  private Lane lane(Kind kind) {
    Lane lane = lanes.remove(kind);
    if (lane == null) {
      if (lanes.size() >= LANES) {
        lanes.keySet().stream()
            .filter(one -> !one.off().isEmpty())
            .findFirst()
            .ifPresent(oldest -> lanes.remove(oldest).close());
      }
      lane = new Lane(kind.emulator(), kind.off(), image, patience);
    }
    lanes.put(kind, lane);
    return lane;
  }

  private void run(Kind kind, List<Case> cases, Consumer<Observation> observations) {
    Lane lane = lane(kind);
    BootReport report = lane.report();
    List<Case> runnable = new ArrayList<>();
    for (Case testCase : cases) {
      Optional<String> reason = Applicability.reason(testCase, report);
      if (reason.isPresent()) {
        observations.accept(
            Observation.unanswered(testCase.id(), OutcomeKind.NOT_APPLICABLE, reason.get()));
      } else {
        runnable.add(testCase);
      }
    }
    // The runner is quickest where cases with the same base image follow one another.
    Comparator<Case> byBase = Comparator.comparing((Case c) -> c.base().name());
    runnable.sort(byBase.thenComparing(c -> c.context()));
    Supplier<Lane> more = () -> new Lane(kind.emulator(), kind.off(), image, patience);
    Deaths known = deaths.computeIfAbsent(kind, unused -> new Deaths());
    try (Campaign campaign = new Campaign(lane, more, known, new Observer(report), observations)) {
      campaign.run(runnable);
    }
  }

  @Override
  public void close() {
    lanes.values().forEach(Lane::close);
    lanes.clear();
  }
}
