package dev.precept.cases.json;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The JSON Schemas (2020-12) of everything this package writes; in a checkout, docs/schema. */
public final class Schemas {
  /** Cases, observations and their parts. */
  public static final String CASE = "case.schema.json";

  /** The lines of the protocol with {@code exec:} subjects. */
  public static final String PROTOCOL = "protocol.schema.json";

  /** Test vector files. */
  public static final String VECTORS = "vectors.schema.json";

  private Schemas() {}

  /** The text of the schema called {@code name}. */
  public static String text(String name) {
    try (InputStream in = Schemas.class.getResourceAsStream("schema/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no schema " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
