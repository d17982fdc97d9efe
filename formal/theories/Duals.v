(** * Evaluation of scalar programs and their tangents in a number system that stands for reals. *)
From Coq Require Import List ZArith Znumtheory NArith QArith Qreals Reals Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr Slp Functions.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** activations that are not polynomials: piecewise linear, 1/z, and functions made of the exponential (also of i z), its inverses, roots and integrals *)
Inductive exponential := Exp | Expm1 | Tanh | Sigmoid | Silu | Sinh | Cosh | Gaussian | Sin | Cos
| Arctan | Softplus | Logcosh | Rsqrt | Erf | Gelu.
Inductive shape := Kink (s t : Q) | Inverse | Exponential (e : exponential).
Definition exponential_fun (e : exponential) : R -> R :=
  match e with
  | Exp => exp | Expm1 => fun t => exp t - 1 | Tanh => tanh | Sigmoid => fun t => / (1 + exp (- t))
  | Silu => fun t => t / (1 + exp (- t)) | Sinh => sinh | Cosh => cosh | Gaussian => fun t => exp (- (t * t))
  | Sin => sin | Cos => cos
  | Arctan => atan | Softplus => fun t => ln (1 + exp t) | Logcosh => fun t => ln (cosh t) | Rsqrt => fun t => / sqrt t | Erf => erf | Gelu => gelu
  end.
Definition shape_fun (k : shape) : R -> R :=
  match k with Kink s t => fun z => if Rle_dec 0 z then Q2R t * z else Q2R s * z | Inverse => Rinv | Exponential e => exponential_fun e end.

(** [stands r a]: the number [a] stands for the real [r]. [act] gives value and derivative. *)
Record numbers := {
  carrier : Type;
  stands : R -> carrier -> Prop;
  of_q : Q -> option carrier;
  add : carrier -> carrier -> carrier;
  mul : carrier -> carrier -> carrier;
  act : shape -> carrier -> option (carrier * carrier);
  zero : carrier;
  of_q_ok : forall q a, of_q q = Some a -> stands (Q2R q) a;
  zero_ok : stands 0 zero;
  add_ok : forall r s a b, stands r a -> stands s b -> stands (r + s) (add a b);
  mul_ok : forall r s a b, stands r a -> stands s b -> stands (r * s) (mul a b);
  act_ok : forall k r a v d, stands r a -> act k a = Some (v, d) ->
    stands (shape_fun k r) v /\ exists r', is_derive (shape_fun k) r r' /\ stands r' d
}.

(** The same for families of reals: [stands r a] where [near] is a filter on the indices. *)
Record germs := {
  g_carrier : Type;
  index : Type;
  near : (index -> Prop) -> Prop;
  g_stands : (index -> R) -> g_carrier -> Prop;
  g_of_q : Q -> option g_carrier;
  g_add : g_carrier -> g_carrier -> g_carrier;
  g_mul : g_carrier -> g_carrier -> g_carrier;
  g_act : shape -> g_carrier -> option (g_carrier * g_carrier);
  g_zero : g_carrier;
  near_all : forall P : index -> Prop, (forall t, P t) -> near P;
  near_and : forall P Q, near P -> near Q -> near (fun t => P t /\ Q t);
  near_imp : forall P Q : index -> Prop, (forall t, P t -> Q t) -> near P -> near Q;
  g_same : forall r s a, near (fun t => r t = s t) -> g_stands r a -> g_stands s a;
  g_of_q_ok : forall q a, g_of_q q = Some a -> g_stands (fun _ => Q2R q) a;
  g_zero_ok : g_stands (fun _ => 0) g_zero;
  g_add_ok : forall r s a b, g_stands r a -> g_stands s b -> g_stands (fun t => r t + s t) (g_add a b);
  g_mul_ok : forall r s a b, g_stands r a -> g_stands s b -> g_stands (fun t => r t * s t) (g_mul a b);
  g_act_ok : forall k r a v d, g_stands r a -> g_act k a = Some (v, d) ->
    g_stands (fun t => shape_fun k (r t)) v /\ exists r', near (fun t => is_derive (shape_fun k) (r t) (r' t)) /\ g_stands r' d
}.
(** one real is a family with one index *)
Definition single (K : numbers) : germs.
Proof.
  refine {| g_carrier := carrier K; index := unit; near := fun P => P tt; g_stands := fun r => stands K (r tt); g_of_q := of_q K; g_add := add K;
            g_mul := mul K; g_act := act K; g_zero := zero K |}; auto.
  - intros r s a E. now rewrite E.
  - apply of_q_ok.
  - apply zero_ok.
  - intros r s a b. apply add_ok.
  - intros r s a b. apply mul_ok.
  - intros k r a v d Hr H. destruct (act_ok K k _ a v d Hr H) as (A & r' & B & C). split; [exact A|]. now exists (fun _ => r').
Defined.

Section Run.
Variable K : germs.
Let T := g_carrier K.
Variables (theta direction input : positive -> option T).
Variable shapes : positive -> option shape.

Definition getT (m : PM.t (T * T)) (n : positive) : option (T * T) := PM.find n m.
Fixpoint dual_sum (m : PM.t (T * T)) (l : list positive) : option (T * T) :=
  match l with
  | [] => Some (g_zero K, g_zero K)
  | a :: l' => match getT m a, dual_sum m l' with
               | Some (v, d), Some (v', d') => Some (g_add K v v', g_add K d d') | _, _ => None end
  end.
Definition dual_node (m : PM.t (T * T)) (n : node) : option (T * T) :=
  match n with
  | NCst q => match g_of_q K q with Some a => Some (a, g_zero K) | None => None end
  | NTh i => match theta i, direction i with Some a, Some d => Some (a, d) | _, _ => None end
  | NX j => match input j with Some a => Some (a, g_zero K) | None => None end
  | NSum l => dual_sum m l
  | NMul a b => match getT m a, getT m b with
                | Some (v, d), Some (v', d') => Some (g_mul K v v', g_add K (g_mul K d v') (g_mul K v d')) | _, _ => None end
  | NAct k a => match shapes k, getT m a with
                | Some h, Some (v, d) => match g_act K h v with Some (w, e) => Some (w, g_mul K e d) | None => None end
                | _, _ => None end
  end.
Fixpoint dual_run (next : positive) (p : prog) (m : PM.t (T * T)) : option (PM.t (T * T)) :=
  match p with
  | [] => Some m
  | n :: p' => match dual_node m n with Some a => dual_run (Pos.succ next) p' (PM.add next a m) | None => None end
  end.

Variable s : positive -> bool -> R -> R.
Variables w x : vec.
Variable th : index K -> vec.
Hypothesis Htheta : forall i a, theta i = Some a -> g_stands K (fun t => th t i) a.
Hypothesis Hdir : forall i a, direction i = Some a -> g_stands K (fun _ => w i) a.
Hypothesis Hinput : forall i a, input i = Some a -> g_stands K (fun _ => x i) a.
Hypothesis Hs : forall k h, shapes k = Some h -> (forall t, s k false t = shape_fun h t) /\
  forall t d, is_derive (shape_fun h) t d -> s k true t = d.
Variable E : positive -> expr.

(** the expression [e] is evaluated right, and activations have derivatives where they are applied *)
Definition means (e : expr) (v d : T) : Prop :=
  g_stands K (fun t => evalE s (th t) x e) v /\ g_stands K (fun t => tanE s (th t) x w e) d /\ near K (fun t => smooth_at s (th t) x e).
Definition dual_ok (m : PM.t (T * T)) (n : positive) : Prop := forall v d, getT m n = Some (v, d) -> means (E n) v d.
Definition defined_below (m : PM.t (T * T)) (n : positive) : Prop := forall a, (a < n)%positive -> getT m a <> None.

Lemma stands_zero (q : Q) : Q2R q = 0 -> g_stands K (fun _ => Q2R q) (g_zero K).
Proof. intros H. apply (g_same K (fun _ => 0)); [|apply g_zero_ok]. apply near_all. intros _. now rewrite H. Qed.
Lemma dual_sum_ok m l v d : (forall a, dual_ok m a) -> dual_sum m l = Some (v, d) -> means (fold_right (fun a e => EAdd (E a) e) (ECst 0) l) v d.
Proof.
  intros Hm. revert v d. induction l as [|a l IH]; unfold means; cbn [dual_sum fold_right evalE tanE smooth_at]; intros v d H.
  - injection H as <- <-. split; [apply stands_zero, Q2R_0|]. split; [apply g_zero_ok|]. now apply near_all.
  - destruct (getT m a) as [[v1 d1]|] eqn:Ea; [|easy]. destruct (dual_sum m l) as [[v2 d2]|]; [|easy].
    injection H as <- <-. destruct (Hm a v1 d1 Ea) as (A1 & A2 & A3). destruct (IH v2 d2 eq_refl) as (B1 & B2 & B3).
    split; [now apply g_add_ok|split; [now apply g_add_ok|now apply near_and]].
Qed.

Lemma dual_node_ok m n v d : (forall a, dual_ok m a) -> dual_node m n = Some (v, d) -> means (expr_of E n) v d.
Proof.
  intros Hm. destruct n as [q|i|j|l|a b|k a]; cbn [dual_node expr_of]; intros H; [| | |now apply (dual_sum_ok m l)| |]; unfold means; cbn [evalE tanE smooth_at].
  - destruct (g_of_q K q) eqn:Eq; [|easy]. injection H as <- <-. split; [now apply g_of_q_ok|split; [apply g_zero_ok|now apply near_all]].
  - destruct (theta i) eqn:E1; [|easy]. destruct (direction i) eqn:E2; [|easy]. injection H as <- <-.
    split; [now apply Htheta|split; [now apply Hdir|now apply near_all]].
  - destruct (input j) eqn:E1; [|easy]. injection H as <- <-. split; [now apply Hinput|split; [apply g_zero_ok|now apply near_all]].
  - destruct (getT m a) as [[v1 d1]|] eqn:Ea; [|easy]. destruct (getT m b) as [[v2 d2]|] eqn:Eb; [|easy].
    injection H as <- <-. destruct (Hm a v1 d1 Ea) as (A1 & A2 & A3). destruct (Hm b v2 d2 Eb) as (B1 & B2 & B3).
    split; [now apply g_mul_ok|split; [apply (g_add_ok K (fun t => _ * _) (fun t => _ * _)); now apply g_mul_ok|now apply near_and]].
  - destruct (shapes k) as [h|] eqn:Ek; [|easy]. destruct (getT m a) as [[v1 d1]|] eqn:Ea; [|easy].
    destruct (g_act K h v1) as [[v2 d2]|] eqn:Eh; [|easy]. injection H as <- <-.
    destruct (Hm a v1 d1 Ea) as (A1 & A2 & A3). destruct (g_act_ok K h _ v1 v2 d2 A1 Eh) as (B1 & r' & B2 & B3).
    destruct (Hs k h Ek) as [S1 S2]. split; [|split].
    + apply (g_same K (fun t => shape_fun h (evalE s (th t) x (E a)))); [|exact B1]. apply near_all. intros t. symmetry. apply S1.
    + apply (g_same K (fun t => r' t * tanE s (th t) x w (E a))); [|now apply g_mul_ok].
      refine (near_imp K _ _ _ B2). intros t Ht. cbv beta in Ht. now rewrite (S2 _ _ Ht).
    + refine (near_imp K _ _ _ (near_and K _ _ A3 B2)). intros t [C1 C2]. cbv beta in C1, C2. split; [exact C1|].
      rewrite (S2 _ _ C2). apply (is_derive_ext (shape_fun h)); [intros u; symmetry; apply S1|exact C2].
Qed.

Lemma dual_run_ok p : forall next m m', wf_from next p = true -> covers E next p -> dual_run next p m = Some m' ->
  (forall a, dual_ok m a) -> defined_below m next -> (forall a, dual_ok m' a) /\ defined_below m' (advance next p).
Proof.
  induction p as [|n p IH]; cbn [wf_from covers dual_run advance]; intros next m m' W C H Hm Hd.
  - injection H as <-. auto.
  - apply andb_prop in W as [W1 W2]. destruct C as [C1 C2].
    destruct (dual_node m n) as [[v d]|] eqn:En; [|easy]. refine (IH _ _ _ W2 C2 H _ _).
    + intros a v' d'. unfold getT. destruct (Pos.eq_dec a next) as [->|D].
      * rewrite PM.gss. intros [= <- <-]. rewrite C1. now apply dual_node_ok with (m := m).
      * rewrite PM.gso by exact D. apply Hm.
    + intros a Ha. unfold getT. destruct (Pos.eq_dec a next) as [->|D]; [now rewrite PM.gss|].
      rewrite PM.gso by exact D. apply Hd. lia.
Qed.
End Run.

(** ** The rationals *)
Definition q_act (k : shape) (a : Q) : option (Q * Q) :=
  match k with
  | Kink s t => match Qnum a with Zpos _ => Some (qmul t a, t) | Zneg _ => Some (qmul s a, s) | Z0 => None end
  | Inverse => if qzero a then None else let b := qred (Qinv a) in Some (b, qopp (qmul b b))
  | Exponential _ => None
  end.
Lemma kink_derive s t r c : (0 < r -> c = t) -> (r < 0 -> c = s) -> r <> 0 ->
  shape_fun (Kink s t) r = Q2R c * r /\ is_derive (shape_fun (Kink s t)) r (Q2R c).
Proof.
  intros H1 H2 Hr. cbn [shape_fun].
  assert (L : is_derive (fun z => Q2R c * z) r (Q2R c)) by (auto_derive; [exact I|ring]).
  destruct (Rlt_le_dec 0 r) as [P|P].
  - rewrite (H1 P) in *. split; [destruct (Rle_dec 0 r); [reflexivity|lra]|].
    refine (is_derive_ext_loc _ _ _ _ _ L).
    exists (mkposreal r P). intros y Hy. unfold ball in Hy; simpl in Hy; unfold AbsRing_ball, abs, minus, plus, opp in Hy; simpl in Hy.
    apply Rabs_lt_between in Hy. destruct (Rle_dec 0 y); [reflexivity|lra].
  - assert (N : r < 0) by lra. rewrite (H2 N) in *. split; [destruct (Rle_dec 0 r); [lra|reflexivity]|].
    refine (is_derive_ext_loc _ _ _ _ _ L).
    assert (P' : 0 < - r) by lra.
    exists (mkposreal (- r) P'). intros y Hy. unfold ball in Hy; simpl in Hy; unfold AbsRing_ball, abs, minus, plus, opp in Hy; simpl in Hy.
    apply Rabs_lt_between in Hy. destruct (Rle_dec 0 y); [lra|reflexivity].
Qed.
Lemma inverse_derive r : r <> 0 -> is_derive Rinv r (- (/ r * / r)).
Proof. intros H. auto_derive; [exact H|]. field. exact H. Qed.
Lemma q_sign (a : Q) : match Qnum a with Zpos _ => 0 < Q2R a | Zneg _ => Q2R a < 0 | Z0 => Q2R a = 0 end.
Proof.
  unfold Q2R. assert (P : 0 < / IZR (Zpos (Qden a))) by (apply Rinv_0_lt_compat, IZR_lt; reflexivity).
  destruct (Qnum a); [ring| |].
  - apply Rmult_lt_0_compat; [apply IZR_lt; reflexivity|exact P].
  - assert (IZR (Zneg p) < 0) by (apply IZR_lt; reflexivity). nra.
Qed.
Lemma q_act_ok k r a v d : r = Q2R a -> q_act k a = Some (v, d) ->
  shape_fun k r = Q2R v /\ exists r', is_derive (shape_fun k) r r' /\ r' = Q2R d.
Proof.
  intros -> H. destruct k as [s t| |e]; cbn [q_act] in H; [| |easy].
  - assert (S := q_sign a). destruct (Qnum a); [easy| |]; injection H as <- <-.
    + destruct (kink_derive s t (Q2R a) t) as [K1 K2]; try lra; auto. rewrite qmul_ok. eauto.
    + destruct (kink_derive s t (Q2R a) s) as [K1 K2]; try lra; auto. rewrite qmul_ok. eauto.
  - destruct (qzero a) eqn:Ez; [easy|]. apply qzero_false in Ez. injection H as <- <-.
    assert (Ei : Q2R (qred (Qinv a)) = / Q2R a).
    { rewrite (Qeq_eqR _ _ (qred_ok (Qinv a))). apply Q2R_inv. intros K. apply Ez. rewrite (Qeq_eqR _ _ K). apply Q2R_0. }
    rewrite qopp_ok, qmul_ok, Ei. cbn [shape_fun]. split; [reflexivity|]. eexists. split; [now apply inverse_derive|reflexivity].
Qed.
Definition rationals : numbers.
Proof.
  refine {| carrier := Q; stands := fun r a => r = Q2R a; of_q := Some; add := qadd; mul := qmul; act := q_act; zero := 0%Q |}.
  - now intros q a [= ->].
  - symmetry. apply Q2R_0.
  - intros r s a b -> ->. symmetry. apply qadd_ok.
  - intros r s a b -> ->. symmetry. apply qmul_ok.
  - apply q_act_ok.
Defined.

(** ** Residues: [z] stands for the fractions a/b with b a unit and a = z b modulo [m] *)
Section Residues.
Variable m : Z.
Hypothesis Hm : (1 < m)%Z.
Definition residue_of (r : R) (z : Z) : Prop :=
  exists a b c : Z, (m | b * c - 1)%Z /\ r * IZR b = IZR a /\ (m | a - z * b)%Z.
Lemma unit_nonzero b c : (m | b * c - 1)%Z -> b <> 0%Z.
Proof. intros [k Hk] ->. assert (m * (- k) = 1)%Z as H by lia. apply Z.mul_eq_1 in H. lia. Qed.
Lemma unit_mul b c b' c' : (m | b * c - 1)%Z -> (m | b' * c' - 1)%Z -> (m | b * b' * (c * c') - 1)%Z.
Proof. intros [k Hk] [l Hl]. exists (k * (l * m + 1) + l)%Z. assert (b * c = k * m + 1)%Z as H by lia. assert (b' * c' = l * m + 1)%Z as H' by lia.
  replace (b * b' * (c * c'))%Z with (b * c * (b' * c'))%Z by ring. rewrite H', H. ring. Qed.
Lemma mod_divide z : (m | z - z mod m)%Z.
Proof. exists (z / m)%Z. rewrite (Z.div_mod z m) at 1 by lia. ring. Qed.
Lemma residue_mod r z : residue_of r z -> residue_of r (z mod m).
Proof.
  intros (a & b & c & U & E & [k D]). exists a, b, c. split; [exact U|split; [exact E|]].
  destruct (mod_divide z) as [l Hl]. exists (k + l * b)%Z. nia.
Qed.
Lemma residue_add r s y z : residue_of r y -> residue_of s z -> residue_of (r + s) ((y + z) mod m).
Proof.
  intros (a & b & c & U & E & [k D]) (a' & b' & c' & U' & E' & [k' D']). apply residue_mod.
  exists (a * b' + a' * b)%Z, (b * b')%Z, (c * c')%Z. split; [now apply unit_mul|]. split.
  - rewrite plus_IZR, !mult_IZR, <- E, <- E'. ring.
  - exists (k * b' + k' * b)%Z. nia.
Qed.
Lemma residue_mul r s y z : residue_of r y -> residue_of s z -> residue_of (r * s) ((y * z) mod m).
Proof.
  intros (a & b & c & U & E & [k D]) (a' & b' & c' & U' & E' & [k' D']). apply residue_mod.
  exists (a * a')%Z, (b * b')%Z, (c * c')%Z. split; [now apply unit_mul|]. split.
  - rewrite !mult_IZR, <- E, <- E'. ring.
  - assert (a = k * m + y * b)%Z as -> by lia. assert (a' = k' * m + z * b')%Z as -> by lia.
    exists (k * (k' * m + z * b') + y * b * k')%Z. ring.
Qed.
Lemma residue_z (z : Z) : residue_of (IZR z) z.
Proof. exists z, 1%Z, 1%Z. split; [exists 0%Z; ring|]. split; [ring|]. exists 0%Z. ring. Qed.
Lemma residue_nonzero r z : residue_of r z -> (z mod m <> 0)%Z -> r <> 0.
Proof.
  intros (a & b & c & [j U] & E & [k D]) Hz ->. rewrite Rmult_0_l in E. apply (eq_IZR 0) in E. subst a.
  apply Hz. apply Z.mod_divide; [lia|]. exists (- (k * c) - z * j)%Z.
  assert (z * b = - (k * m))%Z as H1 by lia. assert (b * c = j * m + 1)%Z as H2 by lia.
  transitivity (z * (b * c) - z * (j * m))%Z; [rewrite H2; ring|].
  replace (z * (b * c))%Z with (z * b * c)%Z by ring. rewrite H1. ring.
Qed.
Lemma residue_inverse r z w : residue_of r z -> (m | z * w - 1)%Z -> r <> 0 /\ residue_of (/ r) w.
Proof.
  intros Hr [l W]. assert (Hr0 : r <> 0).
  { apply (residue_nonzero r z Hr). intros Z0. apply Z.mod_divide in Z0; [|lia]. destruct Z0 as [k ->].
    assert (m * (k * w - l) = 1)%Z as H by lia. apply Z.mul_eq_1 in H. lia. }
  split; [exact Hr0|]. destruct Hr as (a & b & c & [j U] & E & [k D]). exists b, a, (w * c)%Z.
  assert (Ha : a = (k * m + z * b)%Z) by lia.
  assert (Hb : (b * c = j * m + 1)%Z) by lia. assert (Hw : (z * w = l * m + 1)%Z) by lia.
  split; [|split].
  - rewrite Ha. exists (k * w * c + z * w * j + l)%Z.
    replace ((k * m + z * b) * (w * c) - 1)%Z with (k * w * c * m + z * w * (b * c) - 1)%Z by ring. rewrite Hb.
    replace (k * w * c * m + z * w * (j * m + 1) - 1)%Z with (k * w * c * m + z * w * j * m + z * w - 1)%Z by ring. rewrite Hw at 2. ring.
  - rewrite <- E. field. exact Hr0.
  - rewrite Ha. exists (- w * k - l * b)%Z. replace (b - w * (k * m + z * b))%Z with (b - w * k * m - z * w * b)%Z by ring. rewrite Hw. ring.
Qed.

(** extended Euclid (untrusted: what it returns is multiplied out) *)
Fixpoint euclid (fuel : nat) (a b u v : Z) : Z :=
  match fuel with
  | O => u
  | S f => if (b =? 0)%Z then u else euclid f b (a mod b) v (u - (a / b) * v)
  end.
Definition inverse (z : Z) : option Z :=
  let w := (euclid (Z.to_nat (2 * Z.log2 m + 4)) (z mod m) m 1 0 mod m)%Z in
  if (((z mod m) * w) mod m =? 1)%Z then Some w else None.
Lemma inverse_ok z w : inverse z = Some w -> (m | z * w - 1)%Z.
Proof.
  unfold inverse. cbv zeta. match goal with |- context [((_ * ?w) mod m)%Z] => set (w0 := w) end.
  destruct (Z.eqb_spec (z mod m * w0 mod m) 1) as [H|]; [|easy]. intros [= <-].
  rewrite Zmult_mod_idemp_l in H. destruct (mod_divide (z * w0)) as [k Hk]. exists k. lia.
Qed.
Definition residue_q (q : Q) : option Z :=
  match inverse (Zpos (Qden q)) with Some w => Some ((Qnum q * w) mod m)%Z | None => None end.
Lemma residue_q_ok q z : residue_q q = Some z -> residue_of (Q2R q) z.
Proof.
  unfold residue_q. destruct (inverse (Zpos (Qden q))) as [w|] eqn:Ew; [|easy]. intros [= <-]. apply inverse_ok in Ew.
  unfold Q2R. apply residue_mul; [apply residue_z|]. apply (residue_inverse (IZR (Zpos (Qden q))) (Zpos (Qden q))); [apply residue_z|exact Ew].
Qed.
Definition residue_act (k : shape) (z : Z) : option (Z * Z) :=
  match k with
  | Kink _ _ | Exponential _ => None
  | Inverse => match inverse z with Some w => Some (w, ((-1 * ((w * w) mod m)) mod m)%Z) | None => None end
  end.
Lemma residue_act_ok k r z v d : residue_of r z -> residue_act k z = Some (v, d) ->
  residue_of (shape_fun k r) v /\ exists r', is_derive (shape_fun k) r r' /\ residue_of r' d.
Proof.
  intros Hr H. destruct k as [| |]; [easy| |easy]. cbn [residue_act shape_fun] in *. destruct (inverse z) as [w|] eqn:Ew; [|easy].
  injection H as <- <-. apply inverse_ok in Ew. destruct (residue_inverse r z w Hr Ew) as [Hr0 Hi]. split; [exact Hi|].
  exists (- (/ r * / r)). split; [now apply inverse_derive|].
  replace (- (/ r * / r)) with (IZR (-1) * (/ r * / r)) by ring.
  exact (residue_mul _ _ (-1) ((w * w) mod m) (residue_z (-1)) (residue_mul _ _ w w Hi Hi)).
Qed.
Definition residues : numbers.
Proof.
  refine {| carrier := Z; stands := residue_of; of_q := residue_q; add := fun y z => ((y + z) mod m)%Z; mul := fun y z => ((y * z) mod m)%Z;
            act := residue_act; zero := 0%Z |}.
  - apply residue_q_ok.
  - apply residue_z.
  - apply residue_add.
  - apply residue_mul.
  - apply residue_act_ok.
Defined.
End Residues.
