package dev.precept.report;

import java.io.IOException;
import java.nio.file.Path;

/** A results file that holds something else; the message says where. */
public final class MalformedResultsException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedResultsException(Path file, int line, String what) {
    super(file + ":" + line + ": " + what);
  }
}
