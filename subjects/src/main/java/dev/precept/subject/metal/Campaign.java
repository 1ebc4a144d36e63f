package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs cases until each has an observation: many at a time, and those that kill machines one by
 * one, each on a machine that nothing else has touched since the last one died.
 */
final class Campaign implements AutoCloseable {
  /** Cases between comparisons of all memory. */
  static final int CHECK_INTERVAL = 2048;

  /** Cases in one command. */
  private static final int COMMAND_CASES = 8192;

  /** How often a case is run with all others before it is run alone. */
  private static final int ATTEMPTS = 4;

  /** Cases run alone for which another machine is worth starting. */
  private static final int CASES_A_MACHINE = 16;

  private final Lane lane;
  private final Supplier<Lane> moreLanes;
  private final List<Lane> others = new ArrayList<>();
  private final Observer observer;
  private final Consumer<Observation> observations;
  private final Deque<Job> waiting = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<Job> alone = new ConcurrentLinkedQueue<>();
  private final Deaths deaths;

  /**
   * A campaign.
   *
   * @param lane the machine to run cases on
   * @param moreLanes makes more of them, to run cases alone at the same time
   * @param deaths what is known to end such machines; it learns
   * @param observations takes observations; called by one thread at a time
   */
  Campaign(
      Lane lane,
      Supplier<Lane> moreLanes,
      Deaths deaths,
      Observer observer,
      Consumer<Observation> observations) {
    this.lane = lane;
    this.moreLanes = moreLanes;
    this.deaths = deaths;
    this.observer = observer;
    this.observations =
        one -> {
          synchronized (this) {
            observations.accept(one);
          }
        };
  }

  /** Runs the cases; each has had its observation when this returns. */
  void run(List<Case> cases) {
    for (Case testCase : cases) {
      (Suspicion.of(testCase) ? alone : waiting).add(Job.of(testCase));
    }
    while (!waiting.isEmpty()) {
      List<Job> jobs = new ArrayList<>();
      while (jobs.size() < COMMAND_CASES && !waiting.isEmpty()) {
        Job job = waiting.poll();
        (deaths.expectedOf(job.testCase()) ? alone : jobs).add(job);
      }
      if (!jobs.isEmpty()) {
        together(jobs);
      }
    }
    allAlone();
  }

  private void together(List<Job> jobs) {
    Lane.Pass pass = lane.run(jobs, CHECK_INTERVAL);
    Taken taken = take(jobs, pass);
    waiting.addAll(taken.again());
    int culprit = pass.way() == Lane.Way.DONE ? -1 : pass.started() - 1;
    if (pass.way() != Lane.Way.DONE && (culprit < 0 || culprit >= jobs.size())) {
      throw new SubjectUnavailableException("the machine ended outside any case: " + pass.words());
    }
    for (int i = 0; i < jobs.size(); i++) {
      if (taken.settled()[i]) {
        continue;
      }
      Job job = jobs.get(i).again();
      if (pass.way() == Lane.Way.DONE) {
        throw new ProtocolException("the runner left out " + job.testCase().id());
      }
      if (i == culprit && pass.way() == Lane.Way.CRASHED) {
        deaths.crashed(job.testCase());
      } else if (i == culprit) {
        deaths.hung(job.testCase());
      }
      (i == culprit || job.attempts() >= ATTEMPTS ? alone : waiting).add(job);
    }
  }

  /**
   * What was done with a pass's results.
   *
   * @param settled by job: whether it is done with, or among {@code again}
   * @param again jobs to run once more
   */
  private record Taken(boolean[] settled, List<Job> again) {}

  private Taken take(List<Job> jobs, Lane.Pass pass) {
    Taken taken = new Taken(new boolean[jobs.size()], new ArrayList<>());
    boolean shutDown = pass.shutDown() && jobs.size() == 1;
    List<RawResult> unchecked = new ArrayList<>();
    for (RawResult raw : pass.results()) {
      if (raw.index() < 0 || raw.index() >= jobs.size()) {
        throw new ProtocolException("a result for case " + raw.index() + " of " + jobs.size());
      }
      if (raw.end() != Protocol.END_CHECKED) {
        unchecked.add(raw);
        continue;
      }
      if (raw.keys().length == 0) {
        unchecked.forEach(one -> settle(jobs.get(one.index()), one, shutDown, taken.again()));
      } else if (unchecked.size() == 1 && jobs.get(raw.index()).checked()) {
        settle(jobs.get(raw.index()), unchecked.get(0).with(raw), shutDown, taken.again());
      } else {
        runAgain(jobs, unchecked, raw, taken.again());
      }
      unchecked.forEach(one -> taken.settled()[one.index()] = true);
      unchecked.clear();
    }
    return taken;
  }

  /**
   * Something changed that nobody watched: once more with those places watched, or one by one, as
   * for VMCS fields at once.
   */
  private static void runAgain(
      List<Job> jobs, List<RawResult> results, RawResult check, List<Job> again) {
    Set<Long> lines = new HashSet<>();
    boolean memory = true;
    for (long key : check.keys()) {
      memory &= key >>> 32 == Protocol.KEY_MEMORY;
      lines.add(Watches.line(key & 0xFFFF_FFFFL));
    }
    for (RawResult result : results) {
      Job job = jobs.get(result.index());
      again.add(memory && job.attempts() == 0 ? job.watching(lines) : job.checkedByItself());
    }
  }

  private void settle(Job job, RawResult raw, boolean shutDown, List<Job> again) {
    Optional<Observation> seen = observer.observe(job.testCase(), raw);
    if (seen.isPresent()) {
      observations.accept(seen.get());
    } else if (shutDown) {
      // The alarm of a case that may wait woke the processor up again.
      observations.accept(Shutdown.observation(job.testCase()));
    } else if (!job.isPatient()) {
      again.add(job.patient());
    } else {
      observations.accept(
          Observation.unanswered(
              job.testCase().id(),
              OutcomeKind.NO_ANSWER,
              "the instruction neither completed nor waited until the alarm"));
    }
  }

  /** Cases that killed a machine, or may, each by itself, on several machines at a time. */
  private void allAlone() {
    if (alone.isEmpty()) {
      return;
    }
    lane.halt();
    List<Lane> lanes = new ArrayList<>(List.of(lane));
    int wanted =
        Math.min(Runtime.getRuntime().availableProcessors(), alone.size() / CASES_A_MACHINE + 1);
    while (lanes.size() < wanted) {
      Lane another = moreLanes.get();
      others.add(another);
      lanes.add(another);
    }
    ExecutorService threads = Executors.newFixedThreadPool(lanes.size());
    try {
      List<Future<?>> all = new ArrayList<>();
      for (Lane one : lanes) {
        all.add(threads.submit(() -> aloneOn(one)));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SubjectUnavailableException("interrupted while cases ran", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private void aloneOn(Lane one) {
    for (Job job = alone.poll(); job != null; job = alone.poll()) {
      byItself(one, job.checkedByItself());
    }
  }

  private void byItself(Lane one, Job job) {
    Lane.Pass pass = one.run(List.of(job), 1);
    Case testCase = job.testCase();
    switch (pass.way()) {
      case DONE -> {
        Taken taken = take(List.of(job), pass);
        if (!taken.settled()[0]) {
          throw new ProtocolException("the runner left out " + testCase.id());
        }
        alone.addAll(taken.again());
      }
      case SHUT_DOWN -> observations.accept(Shutdown.observation(testCase));
      case CRASHED, DIED -> {
        if (Waiting.may(testCase) && !job.isPatient()) {
          // It may be the alarm that it died of, which came before the instruction.
          alone.add(job.patient());
        } else {
          observations.accept(
              Observation.unanswered(testCase.id(), OutcomeKind.CRASH, pass.words()));
        }
      }
      case HUNG -> {
        if (Waiting.may(testCase) && job.attempts() < 2 * ATTEMPTS) {
          // It may have missed its alarm, which a busy computer can make come at any moment.
          alone.add(job.patient());
        } else {
          observations.accept(
              Observation.unanswered(testCase.id(), OutcomeKind.NO_ANSWER, pass.words()));
        }
      }
    }
  }

  @Override
  public void close() {
    others.forEach(Lane::close);
  }
}
