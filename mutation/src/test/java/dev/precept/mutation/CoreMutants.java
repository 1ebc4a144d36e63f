package dev.precept.mutation;

import dev.precept.junit.PlannedCases;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pitest.classinfo.ClassName;
import org.pitest.classpath.ClassloaderByteArraySource;
import org.pitest.mutationtest.engine.Mutant;
import org.pitest.mutationtest.engine.MutationDetails;
import org.pitest.mutationtest.engine.gregor.GregorMutater;
import org.pitest.mutationtest.engine.gregor.config.Mutator;

/**
 * Mutants of the core, made by pitest's engine, against the planned cases of the gate and nothing
 * else. One process for all: the cases, which are slow to make, are made once; each mutant is a
 * core in a class loader of its own, and is shown those cases that come to the mutated line.
 */
public final class CoreMutants {
  /** Processor time within which a case ends, unless the mutant goes round in circles. */
  private static final long LONGEST_NANOS = 2_000_000_000L;

  private static final int THREADS =
      Integer.getInteger("mutation.threads", Runtime.getRuntime().availableProcessors());

  private static final int CASES = Integer.getInteger("mutation.cases", Integer.MAX_VALUE);

  private static final boolean SURVIVORS = Boolean.getBoolean("mutation.survivors");

  private static final int LIMIT = Integer.getInteger("mutation.limit", 10);

  private final List<PlannedCases.Ready> cases = new ArrayList<>();
  private final GregorMutater mutater =
      new GregorMutater(
          ClassloaderByteArraySource.fromContext(), method -> true, Mutator.newDefaults());
  private final Map<String, Integer> ids = new HashMap<>();
  private final Reach reach;

  private CoreMutants(List<String> vendors, Set<String> instructions) throws Throwable {
    for (String vendor : vendors) {
      cases.addAll(PlannedCases.of(vendor, instructions));
    }
    for (int i = 0; i < cases.size(); i++) {
      ids.put(cases.get(i).testCase().id(), i);
    }
    reach = Reach.of(cases);
  }

  /**
   * What became of a mutant.
   *
   * @param reached number of cases that come to its line
   * @param by the case that noticed it, or how else; empty if none did
   */
  private record Fate(MutationDetails mutant, int reached, String by) {
    String inPackage() {
      return mutant.getClassName().getPackage().asJavaName();
    }

    String line() {
      return String.join(
          "\t",
          !by.isEmpty() ? "killed" : reached > 0 ? "survived" : "unreached",
          mutant.getClassName().asJavaName(),
          mutant.getMethod(),
          String.valueOf(mutant.getLineNumber()),
          mutant.getDescription(),
          String.valueOf(reached),
          by);
    }
  }

  /**
   * Runs mutants of the classes below {@code mutation.package}, without those below {@code
   * mutation.except}, at most {@code mutation.limit} of each class, until {@code mutation.seconds}
   * are over. Where {@code mutation.last} names an earlier list, what noticed a mutant there is
   * tried first; with {@code mutation.survivors} those are left out that anything noticed.
   *
   * @param arguments the folder of the core's classes, and where to write the list
   */
  public static void main(String[] arguments) throws Throwable {
    List<String> vendors = words("mutation.vendors", "svm,vmx");
    Set<String> instructions = Set.copyOf(words("mutation.instructions", ""));
    new CoreMutants(vendors, instructions).run(Path.of(arguments[0]), Path.of(arguments[1]));
    System.exit(0);
  }

  private static List<String> words(String property, String otherwise) {
    return Stream.of(System.getProperty(property, otherwise).split(","))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private void run(Path classes, Path list) throws Exception {
    List<MutationDetails> chosen = chosen(classes);
    System.out.printf("%d cases, %d mutants%n", cases.size(), chosen.size());
    LastTime last = LastTime.of(System.getProperty("mutation.last", ""));
    long end = System.nanoTime() + Long.getLong("mutation.seconds", 3600) * 1_000_000_000L;
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<Optional<Fate>>> running = new ArrayList<>();
    for (MutationDetails one : chosen) {
      String before = last.by(one);
      if (SURVIVORS && !before.isEmpty()) {
        continue;
      }
      running.add(
          threads.submit(
              () -> System.nanoTime() > end ? Optional.empty() : Optional.of(fate(one, before))));
    }
    Map<String, List<Fate>> packages = new TreeMap<>();
    Files.createDirectories(list.toAbsolutePath().getParent());
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(list), true)) {
      for (Future<Optional<Fate>> one : running) {
        one.get()
            .ifPresent(
                fate -> {
                  out.println(fate.line());
                  packages.computeIfAbsent(fate.inPackage(), unused -> new ArrayList<>()).add(fate);
                });
      }
    }
    threads.shutdownNow();
    packages.forEach(CoreMutants::print);
  }

  private static void print(String name, List<Fate> all) {
    long killed = all.stream().filter(fate -> !fate.by().isEmpty()).count();
    long reached = all.stream().filter(fate -> fate.reached() > 0).count();
    System.out.printf(
        "%s: %d of %d killed (%d %%); some case reaches %d (%d %%)%n",
        name,
        killed,
        all.size(),
        100 * killed / all.size(),
        reached,
        reached == 0 ? 0 : 100 * killed / reached);
  }

  /** At most the limit of each class, spread over it, classes in turn. */
  private List<MutationDetails> chosen(Path classes) throws IOException {
    String prefix = System.getProperty("mutation.package", "dev.precept.core");
    List<String> except = words("mutation.except", "");
    List<List<MutationDetails>> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).sorted().toList()) {
        String name = classes.relativize(file).toString().replace('/', '.');
        name = name.substring(0, name.length() - ".class".length());
        if (name.startsWith(prefix) && except.stream().noneMatch(name::startsWith)) {
          List<MutationDetails> found = mutater.findMutations(ClassName.fromString(name));
          List<MutationDetails> some = new ArrayList<>();
          for (int i = 0; i < Math.min(LIMIT, found.size()); i++) {
            some.add(found.get((int) ((long) i * found.size() / Math.min(LIMIT, found.size()))));
          }
          all.add(some);
        }
      }
    }
    List<MutationDetails> chosen = new ArrayList<>();
    for (int i = 0; i < LIMIT; i++) {
      for (List<MutationDetails> one : all) {
        if (i < one.size()) {
          chosen.add(one.get(i));
        }
      }
    }
    return chosen;
  }

  /**
   * Shows a mutant its cases.
   *
   * @param before the case that noticed it before, which is shown first; or anything else
   */
  private Fate fate(MutationDetails details, String before) throws InterruptedException {
    String name = details.getClassName().asJavaName();
    int[] those = reach.cases(name, details.getLineNumber());
    if (those.length == 0) {
      return new Fate(details, 0, "");
    }
    Mutant mutant = mutater.getMutation(details.getId());
    Integer first = ids.get(before);
    String by = first == null ? "" : noticed(name, mutant, first);
    return new Fate(
        details, those.length, by.isEmpty() ? noticed(name, mutant, spread(those)) : by);
  }

  private String noticed(String name, Mutant mutant, int... those) throws InterruptedException {
    return new Hunt(cases, those, name, mutant.getBytes()).by(LONGEST_NANOS);
  }

  /** At most {@code mutation.cases} of {@code those}, spread over them. */
  private static int[] spread(int[] those) {
    int count = Math.min(CASES, those.length);
    return IntStream.range(0, count)
        .map(i -> those[(int) ((long) i * those.length / count)])
        .toArray();
  }
}
