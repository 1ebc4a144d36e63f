package dev.precept.subject.metal;

/** The runner wrote something that the protocol does not allow. */
final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ProtocolException(String message) {
    super(message);
  }
}
