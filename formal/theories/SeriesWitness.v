(** * Refutation along a curve in the subspace: a coefficient of the expansion at t = 0 is not 0 (method series). *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii String Bool Lia Lra FMapPositive.
From SimCert Require Import Poly Expr.
From SimCert Require Duals Intervals Enclosure Asymptotics Taylor.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Refute.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** The curve *)
Definition curve_at (curve : list (PM.t Q)) (t : R) : vec := fun i => Asymptotics.horner (map (fun c => Q2R (lookup c i)) curve) t.
Section Curve.
Variable K : Duals.numbers.
Fixpoint coefficients (n : nat) (curve : list (PM.t Q)) (i : positive) : option (list (Duals.carrier K)) :=
  match n, curve with
  | O, _ => Some []
  | S n, [] => Some (repeat (Duals.zero K) (S n))
  | S n, c :: l => Taylor.bind (Duals.of_q K (lookup c i)) (fun a => Taylor.bind (coefficients n l i) (fun r => Some (a :: r)))
  end.
Definition curve_series (n : nat) (curve : list (PM.t Q)) (i : positive) : option (Taylor.series K) :=
  Taylor.bind (coefficients n curve i) (fun l => Some (match curve with c :: _ => Some (lookup c i) | [] => None end, l)).
Lemma horner_bounded cs : Asymptotics.bounded (Asymptotics.horner cs).
Proof.
  induction cs as [|c cs IH]; cbn [Asymptotics.horner]; [apply Asymptotics.bounded_const|].
  apply Asymptotics.bounded_plus; [apply Asymptotics.bounded_const|]. apply Asymptotics.bounded_mult; [apply Asymptotics.bounded_id|exact IH].
Qed.
Lemma coefficients_ok i n : forall curve l, coefficients n curve i = Some l -> Asymptotics.expands K (fun t => curve_at curve t i) l.
Proof.
  unfold curve_at. induction n as [|n IH]; intros [|c curve] l H; cbn [coefficients] in H.
  - injection H as <-. apply (horner_bounded []).
  - injection H as <-. apply (horner_bounded (map _ (c :: curve))).
  - injection H as <-. apply (Asymptotics.expands_zero K (S n)).
  - apply Taylor.bind_some in H as (a & E & H). apply Taylor.bind_some in H as (r & E' & H). injection H as <-.
    exists (Q2R (lookup c i)), (fun t => Asymptotics.horner (map (fun c => Q2R (lookup c i)) curve) t).
    split; [now apply Duals.of_q_ok|]. split; [now apply IH|]. apply Asymptotics.near0_all. reflexivity.
Qed.
Lemma curve_series_ok n curve i s : curve_series n curve i = Some s -> Taylor.germ K (fun t => curve_at curve t i) s.
Proof.
  unfold curve_series. intros H. apply Taylor.bind_some in H as (l & E & H). injection H as <-. split; cbn [fst snd]; [|now apply coefficients_ok in E].
  destruct curve as [|c curve]; [easy|]. intros q [= <-]. unfold curve_at. cbn [map Asymptotics.horner]. ring.
Qed.
End Curve.
Definition curve_in (L : subspace) (curve : list (PM.t Q)) : bool :=
  match curve with c :: l => in_rows L c r_constant && forallb (fun d => in_rows L d (fun _ => 0%Q)) l | [] => false end.
Lemma row_of_curve r t curve : row_of r (curve_at curve t) = Asymptotics.horner (map (fun c => row_of r (vector c)) curve) t.
Proof.
  unfold row_of, curve_at. induction curve as [|c curve IH]; cbn [map Asymptotics.horner].
  - unfold rsum. induction (r_entries r) as [|e l IH]; cbn [map fold_right]; [reflexivity|]. rewrite IH. unfold entry. ring.
  - rewrite <- IH. clear IH. unfold rsum. induction (r_entries r) as [|e l IH]; cbn [map fold_right]; [ring|]. rewrite IH. unfold entry, vector. ring.
Qed.
Lemma curve_in_ok L curve t : curve_in L curve = true -> in_subspace L (curve_at curve t).
Proof.
  unfold curve_in. destruct curve as [|c curve]; [easy|]. intros H r Hr. apply andb_prop in H as [H1 H2]. rewrite row_of_curve. cbn [map Asymptotics.horner].
  assert (Z : Asymptotics.horner (map (fun c => row_of r (vector c)) curve) t = 0).
  { clear H1. induction curve as [|d curve IH]; [reflexivity|]. cbn [forallb] in H2. apply andb_prop in H2 as [H2 H3]. cbn [map Asymptotics.horner]. rewrite IH by exact H3.
    unfold in_rows in H2. rewrite forallb_forall in H2. specialize (H2 r Hr). apply qeqb_ok in H2. rewrite qrow_ok, Q2R_0 in H2. rewrite H2. ring. }
  rewrite Z. unfold in_rows in H1. rewrite forallb_forall in H1. specialize (H1 r Hr). apply qeqb_ok in H1. rewrite qrow_ok in H1. rewrite H1. ring.
Qed.

(** ** The check *)
Definition coefficient {A} (n : N) (s : option (option Q * list A)) : option A := match s with Some (_, l) => nth_error l (N.to_nat n) | None => None end.
Definition length_of (x : series_curve) : nat := S (N.to_nat (u_order x)).
(** the coefficient in a number system *)
Definition proved_coefficient (K : Duals.numbers) (const : Enclosure.constant -> option (Duals.carrier K)) (Hc : forall c a, const c = Some a -> Duals.stands K (Enclosure.constant_r c) a)
  (m : model) (L : subspace) (w : witness) (x : series_curve) (curve : list (PM.t Q)) : option (Duals.carrier K) :=
  coefficient (u_order x) (witness_value (Taylor.series_numbers K const (length_of x) Hc) (curve_series K (length_of x) curve) m L w).
Theorem proved_coefficient_sound K const Hc m L w x curve a :
  (forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end) ->
  curve_in L curve = true -> proved_coefficient K const Hc m L w x curve = Some a -> (forall r, Duals.stands K r a -> r <> 0) ->
  exists sigma, polynomial_members m sigma /\ not_invariant_for m L sigma.
Proof.
  intros Hd HL H Hn. unfold proved_coefficient, coefficient in H. destruct (witness_value _ _ m L w) as [e|] eqn:E; [|easy].
  refine (witness_value_sound (Taylor.series_numbers K const (length_of x) Hc) (curve_series K (length_of x) curve) (curve_at curve) m L w e _ Hd E _ _).
  - intros i s. exact (curve_series_ok K (length_of x) curve i s).
  - intros f P [_ Hf] (d & Hd' & HP). destruct e as [q l]. destruct (Asymptotics.expands_nonzero K l f _ a d Hf H Hn Hd') as (t & Ht & N). exists t. split; [apply HP; lra|exact N].
  - apply Asymptotics.near0_all. intros t. now apply curve_in_ok.
Qed.
Definition no_constant {A} (_ : Enclosure.constant) : option A := None.
Lemma no_constant_ok K c a : no_constant c = Some a -> Duals.stands K (Enclosure.constant_r c) a.
Proof. discriminate. Qed.
Definition enclosed_constant (c : Enclosure.constant) : option Intervals.interval := Some (Enclosure.constant_interval c).
Lemma enclosed_constant_ok c a : enclosed_constant c = Some a -> Duals.stands Enclosure.intervals (Enclosure.constant_r c) a.
Proof. intros [= <-]. exact (Enclosure.constant_interval_ok c). Qed.
Definition constant_key (c : Enclosure.constant) : text := txt (match c with Enclosure.Log_two => "log2" | _ => "pi" end).
Definition uses (m : model) (s : string) : bool := existsb (fun e => match snd e with Named n => is s n | _ => false end) (m_activations m).
(** The stated value is the residue of the coefficient, with the residues given for the constant. Without constants this shows that the coefficient
    is not 0; with a constant, whose transcendence is not known here, an enclosure of the coefficient does. *)
Definition check_series (m : model) (L : subspace) (w : witness) (x : series_curve) (v : N) : option bool :=
  let point p := table 1 (point_list (m_parameters m) p) (PM.empty _) in
  let curve := map point (w_theta w :: u_steps x) in
  let p := Z.of_N (u_modulus x) in
  if N.ltb 500 (u_order x) then None
  else if negb (curve_in L curve) || (uses m "erf" && uses m "gelu") then Some false
  else match Z_lt_dec 1 p with
  | left H =>
    let K := Duals.residues p H in
    let right (a : Z) := Z.eqb a (Z.of_N v) && negb (Z.eqb (a mod p) 0) in
    match u_constants x with
    | [] => match proved_coefficient K no_constant (no_constant_ok K) m L w x curve with Some a => Some (right a) | None => None end
    | given =>
      let const c := match find (constant_key c) given with Some r => Some (Z.of_N r) | None => None end in
      match coefficient (u_order x) (witness_value (Taylor.formal_numbers K const (length_of x)) (curve_series K (length_of x) curve) m L w) with
      | Some a =>
        if right a then
          match proved_coefficient Enclosure.intervals enclosed_constant enclosed_constant_ok m L w x curve with
          | Some i => if Enclosure.excludes_zero i then Some true else None
          | None => None end
        else Some false
      | None => None end
    end
  | right _ => Some false
  end.
Theorem check_series_sound m L w x v :
  (forall f d, In (f, d) (m_activations m) -> match d with Class _ => True | _ => exists g, function_of d = Some g end) ->
  check_series m L w x v = Some true -> exists sigma, polynomial_members m sigma /\ not_invariant_for m L sigma.
Proof.
  intros Hd. unfold check_series. cbv zeta. set (curve := map _ (w_theta w :: u_steps x)). destruct (N.ltb 500 (u_order x)); [easy|].
  destruct (curve_in L curve) eqn:HL; [|easy]. cbn [negb orb]. destruct (uses m "erf" && uses m "gelu")%bool; [easy|].
  destruct (Z_lt_dec 1 (Z.of_N (u_modulus x))) as [Hp|]; [|easy]. destruct (u_constants x) as [|g given].
  - destruct (proved_coefficient _ _ _ m L w x curve) as [a|] eqn:E; [|easy]. intros [= H]. apply andb_prop in H as [_ H]. apply negb_true_iff, Z.eqb_neq in H.
    apply (proved_coefficient_sound _ _ _ m L w x curve a Hd HL E). intros r Hr. exact (Duals.residue_nonzero _ Hp r a Hr H).
  - destruct (coefficient _ _) as [a|]; [|easy]. destruct (Z.eqb a (Z.of_N v) && _)%bool; [|easy].
    destruct (proved_coefficient Enclosure.intervals _ _ m L w x curve) as [i|] eqn:E; [|easy]. destruct (Enclosure.excludes_zero i) eqn:X; [|easy]. intros _.
    apply (proved_coefficient_sound _ _ _ m L w x curve i Hd HL E). intros r Hr. exact (Enclosure.excludes_zero_ok r i Hr X).
Qed.
