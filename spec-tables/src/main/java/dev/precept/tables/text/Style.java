package dev.precept.tables.text;

/** How parts of a text stand out; whether and in which colours is the caller's decision. */
public interface Style {
  /** Nothing stands out. */
  Style PLAIN =
      new Style() {
        @Override
        public String strong(String text) {
          return text;
        }

        @Override
        public String dim(String text) {
          return text;
        }

        @Override
        public String open(String text) {
          return text;
        }
      };

  /** Headings and names. */
  String strong(String text);

  /** Citations and the like. */
  String dim(String text);

  /** What no source settles. */
  String open(String text);
}
