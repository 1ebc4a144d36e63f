package dev.precept.junit;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compiles generated sources in process, and only those that changed since they were compiled last:
 * beside its classes each has a file with the hash of its text.
 */
final class SourceCompiler {
  /** All that generated sources name. */
  static final List<Class<?>> API =
      List.of(
          Cases.class,
          Claim.class,
          Form.class,
          PreceptCase.class,
          EveryState.class,
          OfForm.class,
          RandomState.class);

  private final Path sources;
  private final Path classes;

  SourceCompiler(Path sources, Path classes) {
    this.sources = sources;
    this.classes = classes;
  }

  /**
   * Brings classes up to date.
   *
   * @param texts sources by path relative to the source root, already written there
   * @param threads compilers to run at once
   * @return number of sources that had to be compiled
   * @throws SuiteException if there is no compiler, or a source does not compile
   */
  int update(SortedMap<String, String> texts, int threads) throws IOException {
    Files.createDirectories(classes);
    String environment = environment();
    SortedMap<String, String> stale = new TreeMap<>();
    for (Map.Entry<String, String> source : texts.entrySet()) {
      String hash = hash((environment + source.getValue()).getBytes(StandardCharsets.UTF_8));
      Path stamp = stamp(source.getKey());
      if (!Files.exists(stamp) || !Files.readString(stamp).equals(hash)) {
        stale.put(source.getKey(), hash);
      }
    }
    if (stale.isEmpty()) {
      return 0;
    }
    for (String source : stale.keySet()) {
      // A run that is killed while it compiles leaves other classes than the stamp is of.
      Files.deleteIfExists(stamp(source));
    }
    compile(List.copyOf(stale.keySet()), threads);
    Path draft = classes.resolve(".stamp.tmp");
    for (Map.Entry<String, String> source : stale.entrySet()) {
      Files.writeString(draft, source.getValue());
      Files.move(draft, stamp(source.getKey()), StandardCopyOption.REPLACE_EXISTING);
    }
    return stale.size();
  }

  private Path stamp(String source) {
    return classes.resolve(source.replaceAll("\\.java$", ".hash"));
  }

  private void compile(List<String> names, int threads) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new SuiteException(
          "the generated tests need a Java compiler, and this is a runtime without one: "
              + "use a JDK 17 or later (Debian: apt-get install openjdk-17-jdk-headless)");
    }
    int parts = Math.max(1, Math.min(threads, names.size() / 20));
    ExecutorService workers = Executors.newFixedThreadPool(parts);
    try {
      List<Callable<String>> jobs = new ArrayList<>();
      for (int part = 0; part < parts; part++) {
        int from = names.size() * part / parts;
        int to = names.size() * (part + 1) / parts;
        List<Path> files = names.subList(from, to).stream().map(sources::resolve).toList();
        jobs.add(() -> compile(compiler, files));
      }
      for (Future<String> job : workers.invokeAll(jobs)) {
        String errors = job.get();
        if (!errors.isEmpty()) {
          throw new SuiteException("generated sources do not compile:\n" + errors);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SuiteException("interrupted while compiling");
    } catch (ExecutionException e) {
      throw new SuiteException("the compiler failed: " + e.getCause());
    } finally {
      workers.shutdownNow();
    }
  }

  /** Compiles {@code files}; returns what the compiler complained about. */
  private String compile(JavaCompiler compiler, List<Path> files) throws IOException {
    StringWriter output = new StringWriter();
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      List<String> options =
          List.of(
              "-d",
              classes.toString(),
              "-classpath",
              System.getProperty("java.class.path"),
              "-proc:none",
              "-implicit:none",
              "-nowarn",
              "-g:none",
              "-parameters");
      boolean compiled =
          compiler
              .getTask(
                  output,
                  manager,
                  null,
                  options,
                  null,
                  manager.getJavaFileObjectsFromFiles(files.stream().map(Path::toFile).toList()))
              .call();
      return compiled ? "" : output.toString();
    }
  }

  /** What else a class depends on: the Java that compiles it and the API it is written against. */
  private static String environment() throws IOException {
    StringBuilder environment = new StringBuilder(System.getProperty("java.version"));
    for (Class<?> type : API) {
      String file = type.getSimpleName() + ".class";
      try (InputStream bytes = type.getResourceAsStream(file)) {
        if (bytes == null) {
          throw new IOException("where this program is cannot be told: it has no " + file);
        }
        environment.append(hash(bytes.readAllBytes()));
      }
    }
    return environment.toString();
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
