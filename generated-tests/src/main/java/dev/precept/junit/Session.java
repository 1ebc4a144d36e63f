package dev.precept.junit;

import dev.precept.cases.Case;
import dev.precept.cases.Expected;
import dev.precept.cases.Observation;
import dev.precept.cases.Verdict;
import dev.precept.generator.Assignment;
import dev.precept.generator.plan.CaseKind;
import dev.precept.generator.plan.FormSpace;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.state.UnbuildableException;
import dev.precept.report.Result;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.Subject;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TablesException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.opentest4j.TestAbortedException;

/**
 * What generated tests run against: tables, a subject for each thread, a selection and somebody who
 * takes the results. There is one at a time in a process; without a {@link Suite} it is the
 * built-in tables and the emulator core.
 */
final class Session implements AutoCloseable {
  /** Most cases that a subject gets at once: their memory has to fit. */
  private static final int BATCH = 2048;

  private static final AtomicReference<Session> CURRENT = new AtomicReference<>();

  private final Map<String, Bench> benches = new ConcurrentHashMap<>();
  private final Supplier<Subject> subjects;
  private final Predicate<String> selection;
  private final Consumer<Result> results;
  private final Map<String, Observation> observed = new ConcurrentHashMap<>();

  /** Cases to ask for all at once, by vendor and form. */
  private final Map<String, List<PlannedCase>> ahead = new ConcurrentHashMap<>();

  private final Map<String, RandomRun> randomRuns = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Subject> opened = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Subject> subject =
      ThreadLocal.withInitial(
          () -> {
            Subject one = subjects().get();
            opened.add(one);
            return one;
          });

  Session(
      List<Bench> benches,
      Supplier<Subject> subjects,
      Predicate<String> selection,
      Consumer<Result> results) {
    benches.forEach(bench -> this.benches.put(bench.tables().vendor(), bench));
    this.subjects = subjects;
    this.selection = selection;
    this.results = results;
  }

  private Supplier<Subject> subjects() {
    return subjects;
  }

  /** The session of this process. */
  static Session current() {
    Session session = CURRENT.get();
    if (session == null) {
      session = new Session(List.of(), CoreSubject::new, id -> true, result -> {});
      if (!CURRENT.compareAndSet(null, session)) {
        return current();
      }
    }
    return session;
  }

  /** Makes this the session of the process, in place of whatever was. */
  void begin() {
    CURRENT.set(this);
  }

  boolean selects(String id) {
    return selection.test(id);
  }

  Tables tables(String vendor) {
    return bench(vendor).tables();
  }

  List<FormSpace> spaces(String vendor, String form) {
    Bench bench = bench(vendor);
    return bench.spaces(bench.form(form));
  }

  private Bench bench(String vendor) {
    return benches.computeIfAbsent(
        vendor,
        name -> {
          try {
            return new Bench(TableLoader.load(name).orThrow());
          } catch (TablesException e) {
            throw new IllegalStateException(e.getMessage(), e);
          }
        });
  }

  /** Takes an observation made beforehand, for the case whose id it has. */
  void observe(Observation seen) {
    observed.put(seen.caseId(), seen);
  }

  /** Has the cases of a form among {@code all} asked for together, as soon as one is needed. */
  void readAhead(Collection<PlannedCase> all) {
    for (PlannedCase planned : all) {
      String vendor = planned.id().substring(0, planned.id().indexOf('/'));
      ahead
          .computeIfAbsent(vendor + "/" + planned.form().id(), unused -> new ArrayList<>())
          .add(planned);
    }
  }

  /** Asks for the cases of {@code form} that have not been asked for, if they were to be. */
  private void ask(Bench bench, InstructionForm form) {
    List<PlannedCase> planned = ahead.remove(bench.tables().vendor() + "/" + form.id());
    if (planned == null) {
      return;
    }
    List<Case> batch = new ArrayList<>();
    for (PlannedCase one : planned) {
      for (Part part : parts(bench, form, one.kind().word(), one.assignment(), one.id())) {
        try {
          batch.add(bench.prepare(form, part.assignment(), part.id(), subject.get()).testCase());
        } catch (UnbuildableException e) {
          // The test comes to it again, and says so.
          continue;
        }
        if (batch.size() == BATCH) {
          subject.get().run(List.copyOf(batch), this::observe);
          batch.clear();
        }
      }
    }
    if (!batch.isEmpty()) {
      subject.get().run(List.copyOf(batch), this::observe);
    }
  }

  /** Runs the case of a row, records its result, and throws unless it holds. */
  void run(Form form, Claim claim, CaseRow row) {
    Bench bench = bench(form.vendor());
    InstructionForm it = bench.form(form.id());
    Assignment assignment = Assignment.parse(bench.tables(), row.assignment());
    Results builder = new Results(bench, subjectName(), it, ClaimText.of(claim), row);
    Bench.Judged judged = null;
    try {
      for (Part part : parts(bench, it, claim.kind(), assignment, row.id())) {
        judged = runOne(bench, it, part.assignment(), part.id());
        requireWinners(row.id(), row.winners(), judged);
        if (!judged.judgement().verdict().holds()) {
          break;
        }
      }
    } catch (UnbuildableException e) {
      conclude(builder.unbuildable(assignment, e.getMessage()));
      return;
    }
    if (judged == null) {
      throw new IllegalStateException(row.id() + " stands for no state at all");
    }
    conclude(builder.result(judged));
  }

  /** A state that a case stands for, with an id of its own. */
  record Part(String id, Assignment assignment) {}

  /** The states of a case: one, or for one-hot cases one for each foreign exit bit. */
  static List<Part> parts(
      Bench bench, InstructionForm form, String kind, Assignment assignment, String id) {
    if (!kind.equals(CaseKind.EXIT_ONE_HOT.word())) {
      return List.of(new Part(id, assignment));
    }
    Mode mode = Mode.values()[(int) assignment.value(bench.tables(), "mode")];
    List<Part> parts = new ArrayList<>();
    bench
        .planner()
        .oneHot(form, mode, assignment)
        .forEach((bit, state) -> parts.add(new Part(id + "@" + bit, state)));
    return parts;
  }

  private Bench.Judged runOne(Bench bench, InstructionForm form, Assignment assignment, String id) {
    Bench.Prepared prepared = bench.prepare(form, assignment, id, subject.get());
    if (!observed.containsKey(id)) {
      ask(bench, form);
    }
    Observation seen = observed.remove(id);
    long started = System.nanoTime();
    if (seen == null) {
      AtomicReference<Observation> answer = new AtomicReference<>();
      subject.get().run(List.of(prepared.testCase()), answer::set);
      seen = answer.get();
    }
    if (seen == null) {
      throw new IllegalStateException(
          subjectName() + " gave no observation for " + id + ", not even that there is none");
    }
    return bench.judge(prepared, seen, (System.nanoTime() - started) / 1000);
  }

  private String subjectName() {
    return subject.get().name();
  }

  /** The row was written from the tables; the oracle reads them now. They must agree. */
  private static void requireWinners(String id, List<String> winners, Bench.Judged judged) {
    List<String> allowed =
        judged.prepared().expectation().allowed().stream().map(Expected::check).toList();
    if (!winners.containsAll(allowed)) {
      throw new IllegalStateException(
          id
              + ": the generated row expects "
              + String.join(" or ", winners)
              + ", the tables "
              + String.join(" or ", allowed)
              + "; the tables have changed, generate the tests anew");
    }
  }

  private void conclude(Result result) {
    results.accept(result);
    Verdict verdict = result.verdict();
    if (verdict == Verdict.NOT_APPLICABLE) {
      throw new TestAbortedException(Results.describe(result));
    }
    if (!verdict.holds()) {
      throw new AssertionError(Results.describe(result));
    }
  }

  /** Runs a form in a random state; its result is recorded when the session ends. */
  void runRandom(FormSpace space, Assignment assignment) {
    Bench bench = bench(space.vendor());
    String id = randomId(space.vendor(), space.form());
    List<String> winners;
    synchronized (space) {
      winners = space.winners(assignment);
    }
    Verdict verdict;
    Supplier<Result> result;
    try {
      Bench.Judged judged = runOne(bench, space.form(), assignment, id);
      requireWinners(id, winners, judged);
      verdict = judged.judgement().verdict();
      result = () -> results(bench, space, assignment, winners).result(judged);
    } catch (UnbuildableException e) {
      verdict = Verdict.NO_ANSWER;
      result =
          () -> results(bench, space, assignment, winners).unbuildable(assignment, e.getMessage());
    }
    randomRuns.computeIfAbsent(id, unused -> new RandomRun()).add(verdict, result);
    if (!verdict.holds() && verdict != Verdict.NOT_APPLICABLE) {
      throw new AssertionError(Results.describe(result.get()));
    }
  }

  private Results results(
      Bench bench, FormSpace space, Assignment assignment, List<String> winners) {
    String id = randomId(space.vendor(), space.form());
    CaseRow row = new CaseRow(id, assignment.text(), winners);
    return new Results(bench, subjectName(), space.form(), ClaimText.random(space.form()), row);
  }

  /** Id of a form's random run, such as {@code svm/rdtsc/any/random}. */
  static String randomId(String vendor, InstructionForm form) {
    return vendor + "/" + form.id() + "/any/random";
  }

  /** Passes on the results of random runs. */
  void concludeRandomRuns() {
    randomRuns.values().forEach(run -> run.result().ifPresent(results));
  }

  /**
   * Ends the random run of a form, of which a state could not be run.
   *
   * @return the run's id
   */
  String abandonRandom(String vendor, String form) {
    String id = randomId(vendor, bench(vendor).form(form));
    randomRuns.computeIfAbsent(id, unused -> new RandomRun()).abandon();
    return id;
  }

  @Override
  public void close() {
    CURRENT.compareAndSet(this, null);
    for (Subject one : opened) {
      one.close();
    }
  }
}
