package dev.precept.sweep;

/** A checkpoint that this run cannot go on from; the message says why, for people. */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CheckpointException(String message) {
    super(message);
  }
}
