package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.subject.Subject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A machine that boots the bare-metal runner, as a subject.
 *
 * <p>A case that kills the machine costs itself only: those that have no result yet run again on a
 * new machine, and the culprit runs once more, alone on a machine of its own, before what it did is
 * reported.
 */
public final class MetalSubject implements Subject {
  /** Machines with different features that are kept running. */
  private static final int LANES = 3;

  private final Emulator emulator;
  private final byte[] image;
  private final Lane.Patience patience;

  /** By the features that the processor must not have; in order of use. */
  private final Map<Set<FeatureBit>, Lane> lanes = new LinkedHashMap<>();

  MetalSubject(Emulator emulator, byte[] image, Lane.Patience patience) {
    this.emulator = emulator;
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
   * Bochs.
   *
   * @throws SubjectUnavailableException if this build has no boot image
   */
  public static MetalSubject bochs() {
    return new MetalSubject(Bochs.svm(), RunnerImage.bytes(), Lane.Patience.USUAL);
  }

  @Override
  public String name() {
    return emulator.name();
  }

  @Override
  public String version() {
    return emulator.version();
  }

  @Override
  public void run(List<Case> batch, Consumer<Observation> observations) {
    Map<Set<FeatureBit>, List<Case>> groups = new LinkedHashMap<>();
    BootReport full = lane(Set.of()).report();
    for (Case testCase : batch) {
      groups.computeIfAbsent(switchedOff(testCase, full), off -> new ArrayList<>()).add(testCase);
    }
    groups.forEach((off, cases) -> run(off, cases, observations));
  }

  @Override
  public List<FeatureBit> otherwise(Case testCase) {
    BootReport report = lane(Set.of()).report();
    Set<FeatureBit> off = switchedOff(testCase, report);
    return testCase.features().stream()
        .filter(bit -> !report.agrees(bit) && !off.contains(bit))
        .toList();
  }

  /** The features that a case wants to be absent and that this machine can be started without. */
  private Set<FeatureBit> switchedOff(Case testCase, BootReport full) {
    Set<FeatureBit> off = new HashSet<>();
    for (FeatureBit bit : testCase.features()) {
      if (!bit.present() && full.has(bit) && emulator.canSwitchOff(bit)) {
        off.add(bit);
      }
    }
    return Set.copyOf(off);
  }

  private Lane lane(Set<FeatureBit> off) {
    Lane lane = lanes.remove(off);
    if (lane == null) {
      if (lanes.size() >= LANES) {
        lanes.keySet().stream()
            .filter(set -> !set.isEmpty())
            .findFirst()
            .ifPresent(oldest -> lanes.remove(oldest).close());
      }
      lane = new Lane(emulator, off, image, patience);
    }
    lanes.put(off, lane);
    return lane;
  }

  private void run(Set<FeatureBit> off, List<Case> cases, Consumer<Observation> observations) {
    Lane lane = lane(off);
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
    Supplier<Lane> more = () -> new Lane(emulator, off, image, patience);
    try (Campaign campaign = new Campaign(lane, more, new Observer(report), observations)) {
      campaign.run(runnable);
    }
  }

  @Override
  public void close() {
    lanes.values().forEach(Lane::close);
    lanes.clear();
  }
}
