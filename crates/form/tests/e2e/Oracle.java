// A servlet container that tells what it reads, and its form log-in in front of /app.

import jakarta.servlet.*;
import jakarta.servlet.http.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.authenticator.FormAuthenticator;
import org.apache.catalina.realm.*;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.*;

public class Oracle {
    /** Says under which name the servlet was reached, and every value of `pass`. */
    static class Teller extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            StringBuilder text = new StringBuilder(getServletName());
            String[] values = request.getParameterValues("pass");
            for (String value : values == null ? new String[0] : values) {
                text.append(" s");
                for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
                    text.append(String.format("%02x", b));
                }
            }
            response.setContentType("text/plain");
            response.getWriter().print(text);
        }
    }

    /** A page for people, whatever was asked. */
    static class Page extends HttpServlet {
        private final String body;

        Page(String body) {
            this.body = body;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            response.setContentType("text/html;charset=utf-8");
            response.getWriter().print("<!doctype html><html lang='fr'><title>Application</title>" + body);
        }
    }

    static void show(Context context, String path, String body) {
        Tomcat.addServlet(context, path, new Page(body));
        context.addServletMappingDecoded(path, path);
    }

    static void serve(Context context, String name, String... paths) {
        Wrapper wrapper = Tomcat.addServlet(context, name, new Teller());
        wrapper.setMultipartConfigElement(new MultipartConfigElement(""));
        for (String path : paths) {
            context.addServletMappingDecoded(path, name);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setURIEncoding("UTF-8");

        Context root = tomcat.addContext("", folder.toString());
        root.setAllowCasualMultipartParsing(true);
        root.setRequestCharacterEncoding("UTF-8");
        serve(root, "join", "/join", "/join.jsp/*");
        serve(root, "other", "/");

        Context app = tomcat.addContext("/app", folder.toString());
        app.setLoginConfig(new LoginConfig("FORM", "app", "/login.html", "/error.html"));
        app.getPipeline().addValve(new FormAuthenticator());
        MessageDigestCredentialHandler plain = new MessageDigestCredentialHandler();
        MemoryRealm realm = new MemoryRealm();
        Path users = folder.resolve("users.xml");
        Files.writeString(users, "<tomcat-users><user username='jean' password='secret'"
            + " roles='person'/></tomcat-users>");
        realm.setPathname(users.toString());
        app.setRealm(realm);
        app.addSecurityRole("person");
        SecurityConstraint constraint = new SecurityConstraint();
        constraint.addAuthRole("person");
        SecurityCollection inside = new SecurityCollection();
        inside.addPatternDecoded("/inside/*");
        constraint.addCollection(inside);
        app.addConstraint(constraint);
        show(app, "/", "<h1 id='inside'>Dedans</h1>");
        show(app, "/login.html", "<form method='post' action='j_security_check'>"
            + "<input name='j_username'><input name='j_password' type='password'><button>Entrer</button></form>");
        show(app, "/error.html", "<p id='error'>Identifiant ou mot de passe inconnu</p>");

        tomcat.start();
        System.out.println("port " + tomcat.getConnector().getLocalPort());
        System.out.flush();
        if (arguments.length > 1) {
            // Whoever started it ends it.
            tomcat.getServer().await();
        }
        System.in.read();
        System.exit(0);
    }
}
