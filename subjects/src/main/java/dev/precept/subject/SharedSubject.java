package dev.precept.subject;

import dev.precept.cases.Case;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Observation;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One subject for all threads, where there cannot well be one for each, such as a machine that
 * boots. Whoever holds it last closes it.
 */
public final class SharedSubject {
  private final Supplier<Subject> maker;
  private volatile Subject subject;
  private int holders;

  private SharedSubject(Supplier<Subject> maker) {
    this.maker = maker;
  }

  /**
   * A supplier of holds on one subject, which {@code maker} makes when it is first needed. Its
   * {@link Subject#otherwise} is called while it runs a batch.
   */
  public static Supplier<Subject> of(Supplier<Subject> maker) {
    SharedSubject shared = new SharedSubject(maker);
    return shared::hold;
  }

  private synchronized Subject hold() {
    if (holders == 0) {
      subject = maker.get();
    }
    holders++;
    return new Hold();
  }

  private synchronized void release() {
    holders--;
    if (holders == 0) {
      subject.close();
    }
  }

  private synchronized String name() {
    return subject.name();
  }

  private synchronized String version() {
    return subject.version();
  }

  private synchronized void run(List<Case> batch, Consumer<Observation> observations) {
    subject.run(batch, observations);
  }

  /** Not synchronized: who makes the next cases does not wait for those that run. */
  private List<FeatureBit> otherwise(Case testCase) {
    return subject.otherwise(testCase);
  }

  /** One thread's hold on the subject. */
  private final class Hold implements Subject {
    private boolean released;

    @Override
    public String name() {
      return SharedSubject.this.name();
    }

    @Override
    public String version() {
      return SharedSubject.this.version();
    }

    @Override
    public void run(List<Case> batch, Consumer<Observation> observations) {
      SharedSubject.this.run(batch, observations);
    }

    @Override
    public List<FeatureBit> otherwise(Case testCase) {
      return SharedSubject.this.otherwise(testCase);
    }

    @Override
    public void close() {
      if (!released) {
        released = true;
        release();
      }
    }
  }
}
