package dev.precept.generator.render;

import freemarker.core.TemplateClassResolver;
import freemarker.template.Configuration;
import freemarker.template.DefaultObjectWrapperBuilder;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;

/** Puts views into the templates. The same views always give the same bytes. */
public final class SourceRenderer {
  /** Characters of a source. */
  private static final int USUAL_SIZE = 1 << 16;

  private final Template test = Templates.TEST;
  private final Template properties = Templates.PROPERTIES;

  /** The templates on the class path, read once. */
  private static final class Templates {
    private static final Configuration CONFIGURATION = configuration();
    static final Template TEST = template("Test.java.ftl");
    static final Template PROPERTIES = template("Properties.java.ftl");

    private Templates() {}

    private static Template template(String name) {
      try {
        return CONFIGURATION.getTemplate(name);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Reads the templates, while the caller has other things to do; whoever needs them waits. */
  public static void readEarly() {
    ForkJoinPool.commonPool().execute(SourceRenderer::new);
  }

  /** How templates are read: they are ours, but can name no class and call no API. */
  static Configuration configuration() {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_33);
    configuration.setClassForTemplateLoading(SourceRenderer.class, "");
    configuration.setDefaultEncoding(StandardCharsets.UTF_8.name());
    configuration.setLocale(Locale.ROOT);
    configuration.setNumberFormat("computer");
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    configuration.setLogTemplateExceptions(false);
    configuration.setLocalizedLookup(false);
    configuration.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
    configuration.setAPIBuiltinEnabled(false);
    DefaultObjectWrapperBuilder wrapper =
        new DefaultObjectWrapperBuilder(Configuration.VERSION_2_3_33);
    configuration.setObjectWrapper(wrapper.build());
    return configuration;
  }

  /** The sources of a form by path relative to the source root. */
  public Map<String, String> render(FormView view) {
    String stem = view.packageName().replace('.', '/') + "/" + view.name();
    return Map.of(
        stem + "Test.java", fill(test, view), stem + "Properties.java", fill(properties, view));
  }

  private static String fill(Template template, FormView view) {
    StringWriter out = new StringWriter(USUAL_SIZE);
    try {
      template.process(Map.of("view", view), out);
    } catch (TemplateException | IOException e) {
      throw new IllegalStateException("template " + template.getName() + ": " + e.getMessage(), e);
    }
    return out.toString();
  }
}
