package dev.precept.mutation;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A core of its own, with one class as a mutant has it, and the subject that runs cases on it. */
final class MutatedCore {
  private static final String SUBJECT = "dev.precept.subject.CoreSubject";

  private final Object subject;
  private final MethodHandle run;

  /** What a class is made into before it is loaded. */
  @FunctionalInterface
  interface Change {
    /** {@code bytes}, or what is to be there instead of them. */
    byte[] of(String name, byte[] bytes);
  }

  /** Loads everything of the core and of what runs cases anew, with some classes changed. */
  MutatedCore(Change change) throws ReflectiveOperationException {
    Class<?> type = Class.forName(SUBJECT, true, new Loader(change));
    subject = type.getDeclaredConstructor().newInstance();
    run =
        MethodHandles.publicLookup()
            .findVirtual(type, "run", MethodType.methodType(Observation.class, Case.class));
  }

  /** Runs a case. Whatever the mutant throws comes out. */
  Observation run(Case testCase) throws Throwable {
    return (Observation) run.invoke(subject, testCase);
  }

  /** Defines the core's classes itself, and leaves everything else to everybody's loader. */
  private static final class Loader extends ClassLoader {
    /** Bytes by class name: a thousand mutants read the same files. */
    private static final Map<String, byte[]> READ = new ConcurrentHashMap<>();

    private final Change change;

    Loader(Change change) {
      super(MutatedCore.class.getClassLoader());
      this.change = change;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("dev.precept.core.") && !name.startsWith("dev.precept.subject.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      byte[] bytes = READ.get(name);
      if (bytes == null) {
        bytes = read(name);
        READ.put(name, bytes);
      }
      byte[] changed = change.of(name, bytes);
      return defineClass(name, changed, 0, changed.length);
    }

    private byte[] read(String name) throws ClassNotFoundException {
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
