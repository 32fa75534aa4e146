// All that one window can be asked, for a window takes long to come up.
import "./extension.ts";
import "./formatter.ts";
