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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs cases until each has an observation: many at a time, and those that kill machines one by
 * one, each on a machine that nothing else has touched since the last one died.
 */
final class Campaign implements AutoCloseable {
  /** Cases between comparisons of all memory. */
  static final int CHECK_INTERVAL = 2048;

  /** Cases in one command, at most. */
  private static final int COMMAND_CASES = 8192;

  /** How often a case is run with all others before it is run alone. */
  private static final int ATTEMPTS = 4;

  /** How often a campaign goes on behind nonsense; more than that is no single case's doing. */
  private static final int NONSENSE_MAX = 200;

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
  private final AtomicInteger nonsense = new AtomicInteger();

  /** Fewer behind nonsense, until the case that causes it is found. */
  private int commandCases = COMMAND_CASES;

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

  /**
   * Runs the cases; each has had its observation when this returns.
   *
   * @throws ProtocolException if the runner answers what it must not, and no single case is to
   *     blame
   */
  void run(List<Case> cases) {
    for (Case testCase : cases) {
      (Suspicion.of(testCase) ? alone : waiting).add(Job.of(testCase));
    }
    while (!waiting.isEmpty()) {
      List<Job> jobs = new ArrayList<>();
      while (jobs.size() < commandCases && !waiting.isEmpty()) {
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
    Taken taken = take(jobs, pass, false);
    waiting.addAll(taken.again());
    Optional<String> nonsense = nonsense(jobs, pass, taken);
    if (nonsense.isPresent()) {
      narrow(jobs, taken, nonsense.get());
      return;
    }
    commandCases = Math.min(2 * commandCases, COMMAND_CASES);
    int culprit = pass.way() == Lane.Way.DONE ? -1 : pass.started() - 1;
    if (pass.way() != Lane.Way.DONE && (culprit < 0 || culprit >= jobs.size())) {
      throw new SubjectUnavailableException("the machine ended outside any case: " + pass.words());
    }
    for (int i = 0; i < jobs.size(); i++) {
      if (taken.settled()[i]) {
        continue;
      }
      Job job = jobs.get(i).again();
      if (i == culprit && pass.way() == Lane.Way.CRASHED) {
        deaths.crashed(job.testCase());
      } else if (i == culprit) {
        deaths.hung(job.testCase());
      }
      (i == culprit || job.attempts() >= ATTEMPTS ? alone : waiting).add(job);
    }
  }

  /** What the runner must not have answered, which may be any unsettled case's doing. */
  private static Optional<String> nonsense(List<Job> jobs, Lane.Pass pass, Taken taken) {
    if (pass.way() == Lane.Way.NONSENSE) {
      return Optional.of(pass.words());
    }
    for (int i = 0; i < jobs.size() && pass.way() == Lane.Way.DONE; i++) {
      if (!taken.settled()[i] && taken.nonsense().isEmpty()) {
        return Optional.of("it left out " + jobs.get(i).testCase().id());
      }
    }
    return taken.nonsense();
  }

  /** What is not settled next, on a new machine and fewer at a time: half of them is innocent. */
  private void narrow(List<Job> jobs, Taken taken, String words) {
    countNonsense(words);
    lane.halt();
    List<Job> left = new ArrayList<>();
    for (int i = 0; i < jobs.size(); i++) {
      if (!taken.settled()[i]) {
        left.add(jobs.get(i));
      }
    }
    if (left.size() == 1) {
      alone.add(left.get(0));
      return;
    }
    commandCases = Math.max(1, left.size() / 2);
    for (int i = left.size() - 1; i >= 0; i--) {
      waiting.addFirst(left.get(i));
    }
  }

  private void countNonsense(String words) {
    if (nonsense.incrementAndGet() > NONSENSE_MAX) {
      throw new ProtocolException("the runner answers what it must not, again and again: " + words);
    }
  }

  /**
   * What was done with a pass's results.
   *
   * @param settled by job: whether it is done with, or among {@code again}
   * @param again jobs to run once more
   * @param nonsense what the results ended with that they must not hold
   */
  private record Taken(boolean[] settled, List<Job> again, Optional<String> nonsense) {
    Taken endingWith(String words) {
      return new Taken(settled, again, Optional.of(words));
    }
  }

  private Taken take(List<Job> jobs, Lane.Pass pass, boolean byItself) {
    Taken taken = new Taken(new boolean[jobs.size()], new ArrayList<>(), Optional.empty());
    boolean shutDown = pass.shutDown() && jobs.size() == 1;
    List<RawResult> unchecked = new ArrayList<>();
    boolean[] answered = new boolean[jobs.size()];
    for (RawResult raw : pass.results()) {
      if (raw.index() < 0 || raw.index() >= jobs.size()) {
        return taken.endingWith("a result for case " + raw.index() + " of " + jobs.size());
      }
      if (raw.end() != Protocol.END_CHECKED) {
        if (answered[raw.index()]) {
          return taken.endingWith("a second result for " + jobs.get(raw.index()).testCase().id());
        }
        answered[raw.index()] = true;
        unchecked.add(raw);
        continue;
      }
      if (raw.keys().length == 0) {
        for (RawResult one : unchecked) {
          settle(jobs.get(one.index()), one, shutDown, byItself, taken.again());
        }
      } else if (unchecked.size() == 1 && jobs.get(raw.index()).checked()) {
        Job job = jobs.get(raw.index());
        settle(job, unchecked.get(0).with(raw), shutDown, byItself, taken.again());
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

  private void settle(Job job, RawResult raw, boolean shutDown, boolean byItself, List<Job> again) {
    Optional<Observation> seen;
    try {
      seen = observer.observe(job.testCase(), raw);
    } catch (ProtocolException e) {
      countNonsense(e.getMessage());
      if (byItself) {
        observations.accept(nonsense(job.testCase(), e.getMessage()));
      } else {
        alone.add(job);
      }
      return;
    }
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

  private static Observation nonsense(Case testCase, String words) {
    return Observation.unanswered(
        testCase.id(), OutcomeKind.CRASH, "the runner answered what it must not: " + words);
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
      case DONE, NONSENSE -> {
        Taken taken = take(List.of(job), pass, true);
        alone.addAll(taken.again());
        Optional<String> words = nonsense(List.of(job), pass, taken);
        if (words.isPresent()) {
          one.halt();
          countNonsense(words.get());
          if (!taken.settled()[0]) {
            observations.accept(nonsense(testCase, words.get()));
          }
        }
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
