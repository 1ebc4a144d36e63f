package dev.precept.junit;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.opentest4j.TestAbortedException;

/**
 * Compiled generated classes, and running them.
 *
 * <p>Methods with {@link Cases} are called here and not by JUnit, whose part in a test costs more
 * than the case: results go to the session, and who runs a suite has no use for JUnit's own. Under
 * JUnit the same classes do the same, which {@code mvn verify} shows. Random states are drawn here
 * as well; as soon as one does not hold, jqwik runs the form, which it does better: it shrinks.
 */
final class SuiteClasses implements AutoCloseable {
  private final URLClassLoader loader;
  private final Mishaps mishaps;

  /**
   * The classes below {@code folder}.
   *
   * @param mishaps takes what keeps a case from its result
   */
  SuiteClasses(Path folder, Mishaps mishaps) {
    this.mishaps = mishaps;
    try {
      loader =
          new URLClassLoader(
              new URL[] {folder.toUri().toURL()}, SuiteClasses.class.getClassLoader());
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Runs every case of {@code names} that {@code session} selects, and every random run among them.
   *
   * @param session where results go
   * @param options threads, tries and the place of jqwik's database
   * @param stop whether to leave out what has not begun
   * @throws SuiteException if a class cannot be loaded
   */
  void run(Collection<String> names, Session session, SuiteOptions options, BooleanSupplier stop) {
    ExecutorService workers = Executors.newFixedThreadPool(options.threads());
    List<Future<?>> jobs = new ArrayList<>();
    try {
      for (String name : names) {
        Class<?> type = load(name);
        jobs.add(
            type.isAnnotationPresent(Form.class)
                ? workers.submit(() -> runCases(type, session, stop))
                : workers.submit(() -> runRandom(type, session, options, stop)));
      }
      for (Future<?> job : jobs) {
        job.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SuiteException("interrupted while tests ran");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      workers.shutdownNow();
    }
  }

  private Class<?> load(String name) {
    try {
      return loader.loadClass(name);
    } catch (ClassNotFoundException e) {
      throw new SuiteException("generated tests cannot be loaded: " + e);
    }
  }

  private void runCases(Class<?> type, Session session, BooleanSupplier stop) {
    try {
      Form form = type.getAnnotation(Form.class);
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      Object test = constructor.newInstance();
      for (Method method : type.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Cases.class)) {
          method.setAccessible(true);
          Claim claim = method.getAnnotation(Claim.class);
          for (CaseRow row : CaseRow.of(method)) {
            if (session.selects(row.id()) && !stop.getAsBoolean()) {
              call(method, test, new PreceptCase(session, form, claim, row));
            }
          }
        }
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      mishaps.add(type.getSimpleName(), e);
    }
  }

  private void call(Method method, Object test, PreceptCase row)
      throws ReflectiveOperationException {
    try {
      method.invoke(test, row);
    } catch (InvocationTargetException thrown) {
      Throwable cause = thrown.getCause();
      if (cause instanceof OutOfMemoryError lost) {
        throw lost;
      }
      // These two have recorded their result.
      if (!(cause instanceof AssertionError || cause instanceof TestAbortedException)) {
        mishaps.add(row.toString(), cause);
      }
    }
  }

  private void runRandom(
      Class<?> type, Session session, SuiteOptions options, BooleanSupplier stop) {
    try {
      for (Method method : type.getDeclaredMethods()) {
        if (method.isAnnotationPresent(EveryState.class)) {
          OfForm form = method.getParameters()[0].getAnnotation(OfForm.class);
          try {
            draw(type, method, form, session, options.tries(), stop);
          } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof AssertionError) {
              launch(type, options);
            } else {
              lost(session, form, thrown.getCause());
            }
          } catch (RuntimeException e) {
            lost(session, form, e);
          }
        }
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      mishaps.add(type.getSimpleName(), e);
    }
  }

  /** What holds of the states so far says nothing of the others. */
  private void lost(Session session, OfForm form, Throwable why) {
    if (why instanceof OutOfMemoryError error) {
      throw error;
    }
    mishaps.add(session.abandonRandom(form.vendor(), form.id()), why);
  }

  /**
   * Calls the property in as many states as are to be tried, or until one does not hold.
   *
   * @throws InvocationTargetException what the property throws
   */
  private static void draw(
      Class<?> type, Method method, OfForm form, Session session, int tries, BooleanSupplier stop)
      throws ReflectiveOperationException {
    RandomStates states = new RandomStates(session, form.vendor(), form.id());
    Random random = new Random(Long.parseLong(EveryState.SEED));
    Constructor<?> constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true);
    Object test = constructor.newInstance();
    method.setAccessible(true);
    for (int i = 0; i < tries && !stop.getAsBoolean(); i++) {
      method.invoke(test, states.draw(random));
    }
  }

  private void launch(Class<?> random, SuiteOptions options) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try (LauncherSession launchers = LauncherFactory.openSession()) {
      launchers.getLauncher().execute(request(random, options), mishaps);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static LauncherDiscoveryRequest request(Class<?> random, SuiteOptions options) {
    return LauncherDiscoveryRequestBuilder.request()
        .selectors(DiscoverySelectors.selectClass(random))
        .configurationParameter(
            "jqwik.database", options.out().resolve("jqwik-database").toString())
        .configurationParameter("jqwik.reporting.onlyfailures", "true")
        .configurationParameter("jqwik.tries.default", Integer.toString(options.tries()))
        .build();
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }
}
