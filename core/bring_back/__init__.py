"""What people bring from elsewhere: settings as JSON, networks as Keras files. Nothing of it is trusted."""
