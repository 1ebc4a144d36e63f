package dev.precept.mutation;

import dev.precept.junit.PlannedCases;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
 * core in a class loader of its own.
 */
public final class CoreMutants {
  /** A mutant that takes longer than this for all cases goes round in circles, and is noticed. */
  private static final long LONGEST_MILLIS = Long.getLong("mutation.millis", 60_000);

  private static final int LIMIT = Integer.getInteger("mutation.limit", 10);

  private final List<PlannedCases.Ready> cases = new ArrayList<>();
  private final GregorMutater mutater =
      new GregorMutater(
          ClassloaderByteArraySource.fromContext(), method -> true, Mutator.newDefaults());

  private CoreMutants() {}

  /**
   * What became of a mutant.
   *
   * @param by the case that noticed it, or how else; empty if none did
   */
  private record Fate(MutationDetails mutant, String by) {}

  /**
   * Runs mutants of the classes below {@code mutation.package}, at most {@code mutation.limit} of
   * each class, until {@code mutation.seconds} are over.
   *
   * @param arguments the folder of the core's classes, and where to write the list
   */
  public static void main(String[] arguments) throws Exception {
    CoreMutants mutants = new CoreMutants();
    for (String vendor : System.getProperty("mutation.vendors", "svm,vmx").split(",")) {
      mutants.cases.addAll(PlannedCases.of(vendor));
    }
    mutants.run(Path.of(arguments[0]), Path.of(arguments[1]));
    System.exit(0);
  }

  private void run(Path classes, Path list) throws Exception {
    String unmutated = by("", new byte[0]);
    if (!unmutated.isEmpty()) {
      throw new IllegalStateException("without any mutation: " + unmutated);
    }
    List<MutationDetails> chosen = chosen(classes);
    System.out.printf("%d cases, %d mutants%n", cases.size(), chosen.size());
    long end = System.nanoTime() + Long.getLong("mutation.seconds", 3600) * 1_000_000_000L;
    ExecutorService threads =
        Executors.newFixedThreadPool(Integer.getInteger("mutation.threads", 2));
    List<Future<Fate>> running = new ArrayList<>();
    for (MutationDetails one : chosen) {
      running.add(threads.submit(() -> System.nanoTime() > end ? null : fate(one)));
    }
    List<Fate> fates = new ArrayList<>();
    for (Future<Fate> one : running) {
      Fate fate = one.get();
      if (fate != null) {
        fates.add(fate);
      }
    }
    threads.shutdownNow();
    write(fates, list);
  }

  /** At most the limit of each class, spread over it, classes in turn. */
  private List<MutationDetails> chosen(Path classes) throws IOException {
    String prefix = System.getProperty("mutation.package", "dev.precept.core");
    List<List<MutationDetails>> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).sorted().toList()) {
        String name = classes.relativize(file).toString().replace('/', '.');
        name = name.substring(0, name.length() - ".class".length());
        if (name.startsWith(prefix)) {
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

  private Fate fate(MutationDetails details) throws InterruptedException {
    Mutant mutant = mutater.getMutation(details.getId());
    String[] by = {"time"};
    Thread thread =
        new Thread(() -> by[0] = by(details.getClassName().asJavaName(), mutant.getBytes()));
    thread.setDaemon(true);
    thread.start();
    thread.join(LONGEST_MILLIS);
    if (thread.isAlive()) {
      stop(thread);
    }
    return new Fate(details, by[0]);
  }

  @SuppressWarnings({"deprecation", "removal"})
  private static void stop(Thread thread) {
    // Nothing else ends a loop that a mutation has made endless.
    thread.stop();
  }

  /**
   * What notices a mutant: the first case that does not hold, or an error; empty if nothing does.
   */
  private String by(String name, byte[] bytes) {
    try {
      MutatedCore core = new MutatedCore(name, bytes);
      for (PlannedCases.Ready one : cases) {
        if (!one.holds(core.run(one.testCase()))) {
          return one.testCase().id();
        }
      }
      return "";
    } catch (Throwable broken) {
      return broken.getClass().getSimpleName();
    }
  }

  private static void write(List<Fate> fates, Path list) throws IOException {
    Map<String, int[]> packages = new TreeMap<>();
    Files.createDirectories(list.toAbsolutePath().getParent());
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(list))) {
      for (Fate fate : fates) {
        MutationDetails mutant = fate.mutant();
        int[] counts =
            packages.computeIfAbsent(
                mutant.getClassName().getPackage().asJavaName(), unused -> new int[2]);
        counts[0]++;
        counts[1] += fate.by().isEmpty() ? 0 : 1;
        out.println(
            String.join(
                "\t",
                fate.by().isEmpty() ? "survived" : "killed",
                mutant.getClassName().asJavaName(),
                mutant.getMethod(),
                String.valueOf(mutant.getLineNumber()),
                mutant.getDescription(),
                fate.by()));
      }
    }
    packages.forEach(
        (name, counts) ->
            System.out.printf(
                "%s: %d of %d killed (%d %%)%n",
                name, counts[1], counts[0], 100 * counts[1] / counts[0]));
  }
}
