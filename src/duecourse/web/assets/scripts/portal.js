// The portal runs no script at all: this names its styles for the bundler, and no page loads it.
import "../styles/portal-all.css";
