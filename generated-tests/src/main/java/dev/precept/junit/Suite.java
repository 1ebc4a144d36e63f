package dev.precept.junit;

import dev.precept.cases.Case;
import dev.precept.cases.CaseGlob;
import dev.precept.cases.Verdict;
import dev.precept.generator.Generator;
import dev.precept.generator.plan.CaseKind;
import dev.precept.generator.plan.Plan;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.render.SourceFolder;
import dev.precept.generator.render.Views;
import dev.precept.generator.state.UnbuildableException;
import dev.precept.report.Reproducer;
import dev.precept.report.Result;
import dev.precept.subject.Subject;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * All generated tests in one process: planned, written, compiled where they changed, and run. One
 * suite at a time runs in a process.
 *
 * <pre>{@code
 * Suite suite = Suite.prepare(SuiteOptions.all(List.of(tables), out).only("svm/rdtsc/*"));
 * SuiteReport report = suite.run(results::add);
 * }</pre>
 */
public final class Suite {
  private static final int BATCH = 4096;

  private final SuiteOptions options;
  private final KnownForms known;
  private final List<Bench> benches = new ArrayList<>();
  private final List<Plan> plans = new ArrayList<>();
  private final Map<String, PlannedCase> selected = new LinkedHashMap<>();
  private final List<String> randomIds = new ArrayList<>();
  private final Map<String, InstructionForm> randomForms = new LinkedHashMap<>();

  /** What is selected, of which {@link #selected} is this run's share. */
  private final Map<String, PlannedCase> candidates = new LinkedHashMap<>();

  private final List<Integer> positions = new ArrayList<>();
  private final Set<String> classNames = new LinkedHashSet<>();
  private final SortedMap<String, Long> millis = new TreeMap<>();
  private final Mishaps mishaps = new Mishaps();
  private int compiled;

  private Suite(SuiteOptions options, KnownForms known) {
    this.options = options;
    this.known = known;
  }

  /**
   * Plans the selected cases, writes their sources below {@code out/generated} and compiles those
   * that changed to {@code out/classes}. Forms of which no case can be selected are left alone.
   *
   * @throws IOException if files cannot be written
   * @throws SuiteException if there is no compiler
   */
  public static Suite prepare(SuiteOptions options) throws IOException {
    return prepare(options, KnownForms.NONE);
  }

  /**
   * As {@link #prepare(SuiteOptions)}; forms that are known are left alone, and their results are
   * among those of the run. One whose sources are gone is done again.
   */
  public static Suite prepare(SuiteOptions options, KnownForms known) throws IOException {
    Path folder = options.out().resolve("generated");
    Set<String> kept = new HashSet<>();
    Set<String> gone = new HashSet<>();
    for (Tables tables : options.tables()) {
      for (InstructionForm form : tables.forms()) {
        if (known.has(tables.vendor(), form)) {
          List<String> sources = sources(tables, form);
          boolean there = sources.stream().allMatch(name -> Files.exists(folder.resolve(name)));
          if (there) {
            kept.addAll(sources);
          } else {
            gone.add(KnownForms.name(tables.vendor(), form.id()));
          }
        }
      }
    }
    Suite suite = new Suite(options, known.without(gone::contains));
    suite.prepare(folder, kept);
    return suite;
  }

  private void prepare(Path folder, Set<String> kept) throws IOException {
    SortedMap<String, String> sources = new TreeMap<>();
    boolean complete = options.only().isEmpty() && options.instructions().isEmpty();
    for (Tables tables : options.tables()) {
      sources.putAll(plan(tables));
    }
    deal();
    long started = System.nanoTime();
    new SourceFolder(folder).update(sources, complete, kept);
    add("write", started);
    started = System.nanoTime();
    compiled = new SourceCompiler(folder, classes()).update(sources, options.threads());
    add("compile", started);
  }

  /** Paths of the sources of {@code form}, below the folder of generated ones. */
  private static List<String> sources(Tables tables, InstructionForm form) {
    String path = className(tables, form).replace('.', '/');
    return List.of(path + "Test.java", path + "Properties.java");
  }

  private SortedMap<String, String> plan(Tables tables) {
    long started = System.nanoTime();
    Bench bench = new Bench(tables);
    benches.add(bench);
    CaseGlob glob = new CaseGlob(options.only().isEmpty() ? "*" : options.only());
    Generator.Sources made =
        bench
            .generator()
            .sources(form -> !known.has(tables.vendor(), form) && wanted(glob, tables, form));
    Plan plan = made.plan();
    plans.add(plan);
    // By name: a form's own checksum is one of all that its row says.
    Map<String, InstructionForm> forms = new LinkedHashMap<>();
    for (PlannedCase planned : plan.cases()) {
      forms.put(planned.form().id(), planned.form());
      if (kind(planned.kind().word())
          && glob.test(planned.id())
          && options.selection().test(planned.id())) {
        candidates.put(planned.id(), planned);
      }
    }
    for (InstructionForm form : forms.values()) {
      String id = Session.randomId(tables.vendor(), form);
      if (options.tries() > 0
          && kind(ClaimText.RANDOM)
          && glob.test(id)
          && options.selection().test(id)) {
        randomForms.put(id, form);
      }
    }
    add("plan", started);
    return made.sources();
  }

  /** Takes this run's share of what is selected. */
  private void deal() {
    List<Share.Item> items = new ArrayList<>();
    for (PlannedCase planned : candidates.values()) {
      boolean oneHot = planned.kind() == CaseKind.EXIT_ONE_HOT;
      long parts = oneHot ? benchOf(planned.id()).tables().exitBits().size() : 1;
      items.add(new Share.Item(planned.id(), parts));
    }
    for (String id : randomForms.keySet()) {
      items.add(new Share.Item(id, options.tries()));
    }
    positions.addAll(options.share().of(items));
    for (int position : positions) {
      String id = items.get(position).id();
      Tables tables = benchOf(id).tables();
      PlannedCase planned = candidates.get(id);
      if (planned != null) {
        selected.put(id, planned);
        classNames.add(className(tables, planned.form()) + "Test");
      } else {
        randomIds.add(id);
        classNames.add(className(tables, randomForms.get(id)) + "Properties");
      }
    }
  }

  /** Places of this run's results in the run of which it is a share, ascending, from 0. */
  public List<Integer> positions() {
    return List.copyOf(positions);
  }

  private static String className(Tables tables, InstructionForm form) {
    return Views.packageName(tables.vendor()) + "." + Views.className(form);
  }

  private boolean wanted(CaseGlob glob, Tables tables, InstructionForm form) {
    return glob.couldMatch(tables.vendor() + "/" + form.id() + "/")
        && (options.instructions().isEmpty()
            || options.instructions().contains(form.id())
            || options.instructions().contains(form.instruction()));
  }

  private boolean kind(String word) {
    return options.kinds().isEmpty() || options.kinds().contains(word);
  }

  private void add(String phase, long startedNanos) {
    millis.merge(phase, (System.nanoTime() - startedNanos) / 1_000_000, Long::sum);
  }

  private Path classes() {
    return options.out().resolve("classes");
  }

  /** Number of cases that will run, random runs included: as many results there will be. */
  public int planned() {
    return selected.size() + randomIds.size() + known.results();
  }

  /** Names of the forms whose results are those that were known. */
  public Set<String> known() {
    return known.names();
  }

  /** The plans, one for each vendor. */
  public List<Plan> plans() {
    return List.copyOf(plans);
  }

  /**
   * Runs the selected cases. Each gets exactly one result, in the plan's order: one that was not
   * come to is reported as without an answer.
   *
   * @throws SuiteException if the compiled tests cannot be loaded
   */
  public SuiteReport run(ResultSink sink) {
    List<OrderedSink.Place> order =
        new ArrayList<>(known.planned(options.tables(), selected.keySet()));
    order.addAll(known.random(options.tables(), randomIds));
    Map<String, Verdict> verdicts = new ConcurrentHashMap<>();
    OrderedSink ordered = new OrderedSink(order, sink);
    ordered.begin();
    // Results that nobody can take any more, on a full disk say, are no reason to run on.
    AtomicBoolean lost = new AtomicBoolean();
    try (Session session =
        new Session(
            benches,
            options.subjects(),
            selected::containsKey,
            result -> {
              verdicts.put(result.id(), result.verdict());
              try {
                ordered.accept(result);
              } catch (UncheckedIOException e) {
                lost.set(true);
                throw e;
              }
            })) {
      switch (options.batching()) {
        case NONE -> {}
        case FORM -> session.readAhead(selected.values());
        case ALL -> {
          long started = System.nanoTime();
          prerun(session);
          add("prerun", started);
        }
      }
      long started = System.nanoTime();
      session.begin();
      runTests(session, lost::get);
      session.concludeRandomRuns();
      add("run", started);
    }
    for (String id : ordered.missing()) {
      verdicts.put(id, Verdict.NO_ANSWER);
      ordered.accept(notRun(id));
    }
    ordered.finish();
    Coverage coverage = new Coverage(plans, verdicts, selected.keySet());
    List<Tables> tables = options.tables();
    return new SuiteReport(
        known.pairs(tables, coverage.pairs()),
        coverage.pairPositions(candidates.keySet()),
        known.gaps(tables, coverage.gaps()),
        known.clauses(tables, coverage.clauses(candidates.keySet())),
        new TreeMap<>(millis),
        compiled);
  }

  /**
   * Sends all cases to the subject, many at a time; their tests find the observations. The next
   * ones are made while it runs.
   */
  private void prerun(Session session) {
    try (Subject subject = options.subjects().get();
        BatchRuns runs = new BatchRuns(subject, session::observe)) {
      List<Case> batch = new ArrayList<>();
      for (PlannedCase planned : selected.values()) {
        Bench bench = benchOf(planned.id());
        for (Session.Part part :
            Session.parts(
                bench, planned.form(), planned.kind().word(), planned.assignment(), planned.id())) {
          try {
            batch.add(
                bench.prepare(planned.form(), part.assignment(), part.id(), subject).testCase());
          } catch (UnbuildableException e) {
            // The test comes to it again, and says so.
            continue;
          }
          if (batch.size() == BATCH) {
            runs.run(List.copyOf(batch));
            batch.clear();
          }
        }
      }
      runs.run(List.copyOf(batch));
      runs.await();
    }
  }

  private Bench benchOf(String id) {
    String vendor = id.substring(0, id.indexOf('/'));
    return benches.stream()
        .filter(bench -> bench.tables().vendor().equals(vendor))
        .findFirst()
        .orElseThrow();
  }

  private void runTests(Session session, BooleanSupplier stop) {
    try (SuiteClasses generated = new SuiteClasses(classes(), mishaps)) {
      generated.run(classNames, session, options, stop);
    } catch (IOException e) {
      throw new SuiteException("generated tests cannot be read: " + e);
    }
  }

  private Result notRun(String id) {
    Bench bench = benchOf(id);
    PlannedCase planned = selected.get(id);
    boolean random = planned == null;
    InstructionForm form = random ? randomForms.get(id) : planned.form();
    return new Result(
        id,
        "",
        bench.tables().vendor(),
        form.instruction(),
        form.form(),
        random ? "" : planned.mode().word(),
        random ? ClaimText.RANDOM : planned.kind().word(),
        random ? "" : planned.claim(),
        Verdict.NO_ANSWER,
        "",
        "",
        random ? "" : String.join(" or ", planned.winners()),
        "",
        random ? "" : planned.first(),
        random ? "" : planned.second(),
        List.of(),
        random ? "" : planned.assignment().text(),
        Reproducer.NONE,
        form.citation().text(),
        form.origin().file() + ":" + form.origin().line(),
        random ? "" : planned.reveals(),
        mishaps.of(id),
        0);
  }

  /** Words that {@code --kind} takes. */
  public static Set<String> kindWords() {
    Set<String> words = new LinkedHashSet<>();
    for (CaseKind kind : CaseKind.values()) {
      words.add(kind.word());
    }
    words.add(ClaimText.RANDOM);
    return words;
  }
}
