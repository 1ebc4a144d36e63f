package dev.precept.fuzz;

import dev.precept.fuzz.core.DecoderTarget;
import dev.precept.fuzz.core.SvmTarget;
import dev.precept.fuzz.core.VmxTarget;
import dev.precept.fuzz.messages.ObservationTarget;
import dev.precept.fuzz.messages.ResultsTarget;
import dev.precept.fuzz.tables.ConditionTarget;
import dev.precept.fuzz.tables.FolderTarget;
import dev.precept.fuzz.tables.TablesTarget;
import java.util.Locale;
import java.util.function.Consumer;

/** Everything that is fuzzed. */
public enum Target {
  TABLES(TablesTarget.class, TablesTarget::fuzzerTestOneInput),
  FOLDER(FolderTarget.class, FolderTarget::fuzzerTestOneInput),
  CONDITION(ConditionTarget.class, ConditionTarget::fuzzerTestOneInput),
  DECODER(DecoderTarget.class, DecoderTarget::fuzzerTestOneInput),
  SVM(SvmTarget.class, SvmTarget::fuzzerTestOneInput),
  VMX(VmxTarget.class, VmxTarget::fuzzerTestOneInput),
  OBSERVATION(ObservationTarget.class, ObservationTarget::fuzzerTestOneInput),
  RESULTS(ResultsTarget.class, ResultsTarget::fuzzerTestOneInput);

  private final Class<?> holder;
  private final Consumer<byte[]> method;

  Target(Class<?> holder, Consumer<byte[]> method) {
    this.holder = holder;
    this.method = method;
  }

  /** How it is called, as in {@code -Dfuzz.target=svm}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Runs one input; throws if what must hold of it does not. */
  public void run(byte[] input) {
    method.accept(input);
  }

  /** The class that has its method, {@code fuzzerTestOneInput}. */
  public Class<?> holder() {
    return holder;
  }
}
