package dev.precept.subject.replay;

import dev.precept.cases.Case;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Observation;
import dev.precept.subject.Subject;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** A subject, and a part for every row of cases of one form that it is given. */
final class RecordingSubject implements Subject {
  private final Subject subject;
  private final BiConsumer<String, byte[]> parts;
  private final ObservationDigest digest = new ObservationDigest();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);

  /** The form of the cases that are being recorded; empty before the first. */
  private String form = "";

  private DataOutputStream out = begin();
  private CaseEncoder encoder = new CaseEncoder(out);

  /**
   * @param parts takes what is recorded, with the name of the form
   */
  RecordingSubject(Subject subject, BiConsumer<String, byte[]> parts) {
    this.subject = subject;
    this.parts = parts;
  }

  private DataOutputStream begin() {
    bytes.reset();
    deflater.reset();
    return new DataOutputStream(new DeflaterOutputStream(bytes, deflater, 1 << 13));
  }

  @Override
  public String name() {
    return subject.name();
  }

  @Override
  public String version() {
    return subject.version();
  }

  @Override
  public List<FeatureBit> otherwise(Case testCase) {
    return subject.otherwise(testCase);
  }

  @Override
  public void run(List<Case> batch, Consumer<Observation> observations) {
    Map<String, Case> byId = new HashMap<>();
    batch.forEach(testCase -> byId.put(testCase.id(), testCase));
    subject.run(
        batch,
        seen -> {
          record(byId.get(seen.caseId()), seen);
          observations.accept(seen);
        });
  }

  private void record(Case testCase, Observation seen) {
    String its = form(testCase.id());
    try {
      if (!its.equals(form)) {
        seal();
        form = its;
      }
      out.writeBoolean(true);
      encoder.write(testCase);
      out.writeLong(digest.of(seen));
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written to", e);
    }
  }

  /** The form of the case {@code id}, such as {@code svm/lmsw.mem}. */
  private static String form(String id) {
    return id.substring(0, id.indexOf('/', id.indexOf('/') + 1));
  }

  private void seal() throws IOException {
    if (!form.isEmpty()) {
      out.writeBoolean(false);
      out.close();
      parts.accept(form, bytes.toByteArray());
    }
    out = begin();
    encoder = new CaseEncoder(out);
  }

  @Override
  public void close() {
    try {
      seal();
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written to", e);
    }
    form = "";
    deflater.end();
    subject.close();
  }
}
