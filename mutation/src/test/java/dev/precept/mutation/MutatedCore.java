package dev.precept.mutation;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** A core of its own, with one class as a mutant has it, and the subject that runs cases on it. */
final class MutatedCore {
  private static final String SUBJECT = "dev.precept.subject.CoreSubject";

  private final Object subject;
  private final MethodHandle run;

  /**
   * Loads everything of the core and of what runs cases anew.
   *
   * @param mutated name of the class, or nothing
   * @param bytes what it is instead
   */
  MutatedCore(String mutated, byte[] bytes) throws ReflectiveOperationException {
    Class<?> type = Class.forName(SUBJECT, true, new Loader(mutated, bytes));
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
    private final String mutated;
    private final byte[] bytes;

    Loader(String mutated, byte[] bytes) {
      super(MutatedCore.class.getClassLoader());
      this.mutated = mutated;
      this.bytes = bytes;
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
      if (name.equals(mutated)) {
        return defineClass(name, bytes, 0, bytes.length);
      }
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] own = in.readAllBytes();
        return defineClass(name, own, 0, own.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
